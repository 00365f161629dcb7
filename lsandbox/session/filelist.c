/* The file operations list and stat, and those that change a directory: mkdir, remove, rename. */
#include "session/filelist.h"

#include <string.h>

#include "base/error.h"
#include "session/fileop.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct {
    LsbFileOp op;
    gboolean single; /* stat: one entry without a name */
    guint64 left;    /* bytes of answers that are still kept */
    GArray *entries;
} List;

static void stat_clear(gpointer data)
{
    LsbFileStat *st = data;
    g_free(st->name);
    g_free(st->link);
}

static LsbFileStat stat_of(const struct file_entry *e)
{
    return (LsbFileStat){.name = g_strdup(e->name),
                         .link = *e->link ? g_strdup(e->link) : NULL,
                         .type = e->type,
                         .mode = e->mode,
                         .uid = e->uid,
                         .gid = e->gid,
                         .size = e->size,
                         .mtime = e->mtime};
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(((const LsbFileStat *)a)->name, ((const LsbFileStat *)b)->name);
}

static LsbRecordResult too_many(LsbFileOp *op)
{
    lsb_file_op_fail(op, g_error_new(LSB_ERROR, LSB_ERROR_OUTPUT_LIMIT,
                                     "%s: more than max_output allows", op->what));
    return LSB_RECORD_BAD;
}

static LsbRecordResult list_done(List *list, const struct file_record *r)
{
    if (r->length > 0 || (list->single && list->entries->len != 1))
        return LSB_RECORD_BAD;
    g_array_sort(list->entries, compare_names);
    return LSB_RECORD_DONE;
}

static LsbRecordResult list_record(LsbFileOp *op, const struct file_record *r)
{
    List *list = (List *)op;
    struct file_entry e;
    if (r->kind == FILE_DONE)
        return list_done(list, r);
    if (r->kind != FILE_ENTRY || file_get_entry(&op->parser, r, &e) < 0 ||
        (list->single ? *e.name || list->entries->len > 0 : !file_name_ok(e.name)))
        return LSB_RECORD_BAD;
    gsize cost = sizeof(LsbFileStat) + r->length;
    if (cost > list->left)
        return too_many(op);
    list->left -= cost;
    LsbFileStat st = stat_of(&e);
    g_array_append_val(list->entries, st);
    return LSB_RECORD_OK;
}

static void list_clear(LsbFileOp *op)
{
    g_array_unref(((List *)op)->entries);
}

static const LsbFileOpType list_op_type = {.record = list_record, .clear = list_clear};

static LsbFileOp *begin_list(LsbSession *session, gboolean single, const char *const *arguments,
                        const char *user, GError **error)
{
    if (!lsb_file_check_path(arguments[0], arguments[1], error))
        return NULL;
    List *list = g_new0(List, 1);
    list->single = single;
    list->left = lsb_session_profile(session)->max_output;
    list->entries = g_array_new(FALSE, FALSE, sizeof(LsbFileStat));
    g_array_set_clear_func(list->entries, stat_clear);
    return lsb_file_op_begin(&list->op, &list_op_type, session, arguments, user, error);
}

LsbFileOp *lsb_list_new(LsbSession *session, const char *path, const char *user, GError **error)
{
    const char *arguments[] = {"list", path, NULL};
    return begin_list(session, FALSE, arguments, user, error);
}

LsbFileOp *lsb_stat_new(LsbSession *session, const char *path, gboolean follow, const char *user,
                        GError **error)
{
    const char *arguments[] = {"stat", path, follow ? "1" : "0", NULL};
    return begin_list(session, TRUE, arguments, user, error);
}

const GArray *lsb_list_entries(const LsbFileOp *op)
{
    return ((const List *)op)->entries;
}

/* --- changes --- */

static LsbFileOp *begin_change(LsbSession *session, const char *const *arguments, const char *user,
                               GError **error)
{
    static const LsbFileOpType change_op_type = {0};
    if (!lsb_file_check_path(arguments[0], arguments[1], error))
        return NULL;
    LsbFileOp *op = g_new0(LsbFileOp, 1);
    return lsb_file_op_begin(op, &change_op_type, session, arguments, user, error);
}

LsbFileOp *lsb_mkdir_new(LsbSession *session, const char *path, int mode, gboolean parents,
                         const char *user, GError **error)
{
    g_autofree char *number = g_strdup_printf("%d", mode);
    const char *arguments[] = {"mkdir", path, number, parents ? "1" : "0", NULL};
    return begin_change(session, arguments, user, error);
}

LsbFileOp *lsb_remove_new(LsbSession *session, const char *path, gboolean recursive,
                          const char *user, GError **error)
{
    const char *arguments[] = {"remove", path, recursive ? "1" : "0", NULL};
    return begin_change(session, arguments, user, error);
}

LsbFileOp *lsb_rename_new(LsbSession *session, const char *from, const char *to, const char *user,
                          GError **error)
{
    const char *arguments[] = {"rename", from, to, NULL};
    return lsb_file_check_path("rename", to, error) ? begin_change(session, arguments, user, error)
                                                    : NULL;
}
