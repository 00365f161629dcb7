/*
 * The times at which the guest init reached the steps of a start, as its READY frame reports them
 * (wire.h). A hostile guest may report any time, so the host moves each reported time between two
 * moments that the host has measured itself.
 */
#ifndef LSANDBOX_BASE_GUESTMARKS_H
#define LSANDBOX_BASE_GUESTMARKS_H

#include <glib.h>

#include "shared/wire.h"

typedef struct {
    gboolean set[WIRE_MARK_END];
    guint64 at[WIRE_MARK_END]; /* nanoseconds of the guest's clock */
    guint64 sent;              /* the guest's clock when it sent READY, nanoseconds */
} LsbGuestMarks;

/* Read the marks up to the end of the message. FALSE: the message is not as wire.h says. */
gboolean lsb_guest_marks_read(LsbGuestMarks *marks, struct wire_reader *r);

/*
 * Convert a TIME of the guest's clock (nanoseconds) to the host's clock (microseconds). KNOWN and
 * WHEN are one moment by the guest's and by the host's clock. The result is never after WHEN.
 */
gint64 lsb_guest_time(guint64 known, gint64 when, guint64 time);

#endif
