/* The file operation watch: events of the guest's inotify(7), taken one at a time. */
#include "session/filewatch.h"

#include <sys/inotify.h>

#include "session/fileop.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct {
    LsbFileOp op;
    gboolean ready;
    gboolean has_event;
    LsbFileEvent event;
} Watch;

static const struct {
    guint32 mask;
    const char *name;
} events[] = {
    {IN_CREATE, "create"},           {IN_DELETE, "delete"},        {IN_MODIFY, "modify"},
    {IN_ATTRIB, "attrib"},           {IN_MOVED_FROM, "move-from"}, {IN_MOVED_TO, "move-to"},
    {IN_CLOSE_WRITE, "close-write"}, {IN_Q_OVERFLOW, "overflow"},  {IN_IGNORED, "gone"},
};

static const char *event_name(guint32 mask)
{
    for (gsize i = 0; i < G_N_ELEMENTS(events); i++)
        if (mask & events[i].mask)
            return events[i].name;
    return NULL;
}

static LsbRecordResult take_inotify_event(Watch *watch, const struct file_record *r)
{
    guint32 mask, cookie;
    const char *name;
    if (file_get_event(&watch->op.parser, r, &mask, &cookie, &name) < 0)
        return LSB_RECORD_BAD;
    const char *event = event_name(mask);
    if (!event)
        return mask & IN_UNMOUNT ? LSB_RECORD_OK : LSB_RECORD_BAD; /* IN_IGNORED follows it */
    watch->has_event = TRUE;
    watch->event = (LsbFileEvent){
        .event = event, .name = g_strdup(name), .is_dir = (mask & IN_ISDIR) != 0, .cookie = cookie};
    return LSB_RECORD_OK;
}

static LsbRecordResult watch_record(LsbFileOp *op, const struct file_record *r)
{
    Watch *watch = (Watch *)op;
    if (r->kind == FILE_EVENT && watch->ready)
        return take_inotify_event(watch, r);
    if (r->kind == FILE_DONE && watch->ready && r->length == 0)
        return LSB_RECORD_DONE;
    if (r->kind != FILE_READY || watch->ready || r->length > 0)
        return LSB_RECORD_BAD;
    watch->ready = TRUE;
    return LSB_RECORD_OK;
}

/* One event is held here; the others wait in the program's output, whose window bounds them. */
static gboolean watch_wants(const LsbFileOp *op)
{
    return !((const Watch *)op)->has_event;
}

static void watch_clear(LsbFileOp *op)
{
    lsb_file_event_clear(&((Watch *)op)->event);
}

static const LsbFileOpType watch_op_type = {
    .record = watch_record, .wants = watch_wants, .clear = watch_clear, .keeps_input = TRUE};

LsbFileOp *lsb_watch_new(LsbSession *session, const char *path, const char *user, GError **error)
{
    if (!lsb_file_check_path("watch", path, error))
        return NULL;
    const char *arguments[] = {"watch", path, NULL};
    Watch *watch = g_new0(Watch, 1);
    return lsb_file_op_begin(&watch->op, &watch_op_type, session, arguments, user, error);
}

gboolean lsb_watch_ready(gpointer op)
{
    return ((Watch *)op)->ready || lsb_file_op_done(op);
}

gboolean lsb_watch_has_event(gpointer op)
{
    return ((Watch *)op)->has_event || lsb_file_op_done(op);
}

gboolean lsb_watch_take(LsbFileOp *op, LsbFileEvent *event)
{
    Watch *watch = (Watch *)op;
    if (!watch->has_event)
        return FALSE;
    *event = watch->event;
    watch->event = (LsbFileEvent){0};
    watch->has_event = FALSE;
    lsb_file_op_wake(op);
    return TRUE;
}

void lsb_file_event_clear(LsbFileEvent *event)
{
    g_clear_pointer(&event->name, g_free);
}
