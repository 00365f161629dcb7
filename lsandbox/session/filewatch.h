/* The file operation watch: events of the guest's inotify(7), taken one at a time. */
#ifndef LSANDBOX_SESSION_FILEWATCH_H
#define LSANDBOX_SESSION_FILEWATCH_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

typedef struct {
    const char *event; /* static: "create", "modify" ... */
    char *name;        /* of the entry of a watched directory; "" for the watched file itself */
    gboolean is_dir;
    guint cookie; /* the same for both halves of a move */
} LsbFileEvent;

/*
 * Watch the file or directory PATH, as inotify(7) does. The operation is over when PATH is gone.
 * The caller frees it; NULL with an error (see fileop.h).
 */
LsbFileOp *lsb_watch_new(LsbSession *session, const char *path, const char *user, GError **error);

/* LsbCondition: the guest watches PATH, or the operation is over. */
gboolean lsb_watch_ready(gpointer op);
/* LsbCondition: an event has come, or the operation is over. */
gboolean lsb_watch_has_event(gpointer op);

/* The next event, which the caller clears with lsb_file_event_clear(). FALSE: none has come. */
gboolean lsb_watch_take(LsbFileOp *op, LsbFileEvent *event);
void lsb_file_event_clear(LsbFileEvent *event);

#endif
