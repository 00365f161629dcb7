/* watch: events of the guest's inotify, taken from the program's output one at a time. */
#ifndef LSANDBOX_SESSION_FILEWATCH_H
#define LSANDBOX_SESSION_FILEWATCH_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

typedef struct {
    const char *event; /* static: "create", "modify" ... */
    char *name;        /* in a watched directory; "" for what is watched itself */
    gboolean is_dir;
    guint cookie; /* the same for both halves of a move */
} LsbFileEvent;

/* Watch the file or directory PATH, as inotify(7) does. It is over when PATH is gone. */
LsbFileOp *lsb_watch_new(LsbSession *session, const char *path, const char *user, GError **error);

/* LsbConditions: the watch is set, or over; an event is here, or the watch is over. */
gboolean lsb_watch_ready(gpointer op);
gboolean lsb_watch_has_event(gpointer op);

/* The next event, which the caller clears with lsb_file_event_clear(). FALSE: none is here now. */
gboolean lsb_watch_take(LsbFileOp *op, LsbFileEvent *event);
void lsb_file_event_clear(LsbFileEvent *event);

#endif
