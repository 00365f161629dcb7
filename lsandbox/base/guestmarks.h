/*
 * When the guest init reached the steps of a start, as READY says it (wire.h). The guest may say
 * what it likes: times are placed between two moments of the host's own.
 */
#ifndef LSANDBOX_BASE_GUESTMARKS_H
#define LSANDBOX_BASE_GUESTMARKS_H

#include <glib.h>

#include "shared/wire.h"

typedef struct {
    gboolean set[WIRE_MARK_END];
    guint64 at[WIRE_MARK_END]; /* nanoseconds of the guest's clock */
    guint64 sent;              /* its clock when it sent them */
} LsbGuestMarks;

/* Read them to the end of the message; FALSE where they are not as wire.h says. */
gboolean lsb_guest_marks_read(LsbGuestMarks *marks, struct wire_reader *r);

/*
 * The guest's TIME, nanoseconds, as the host's, microseconds, where the guest's KNOWN was the
 * host's WHEN. May be long ago, but is never later than that.
 */
gint64 lsb_guest_time(guint64 known, gint64 when, guint64 time);

#endif
