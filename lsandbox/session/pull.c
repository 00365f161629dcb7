/* The file operation pull: a tree of the guest, written below one directory of the host. */
#include "session/pull.h"

#include <errno.h>

#include "base/error.h"
#include "session/fileop.h"
#include "session/hostpath.h"
#include "session/profile.h"
#include "session/session.h"
#include "shared/filewire.h"
#include "shared/treereceive.h"

enum {
    KEPT_MODE = 0777,
    /*
     * A hostile guest could use up the host's inodes as well as its bytes. A tree of Linux's
     * sources has 90,000 entries.
     */
    MOST_ENTRIES = 1000000,
};

typedef struct {
    LsbTreeOp tree;
    char *target;
    guint64 limit;
    struct tree_receiver *receiver;
} Pull;

static gboolean exceeds_limit(Pull *pull, const struct file_record *record)
{
    const struct file_summary *s = tree_receiver_summary(pull->receiver);
    gboolean many = s->files + s->directories + s->links > MOST_ENTRIES;
    if (!many && (record->kind != FILE_DATA || record->length <= pull->limit - s->bytes))
        return FALSE;
    lsb_file_op_fail(&pull->tree.op,
                     g_error_new(LSB_ERROR, LSB_ERROR_OUTPUT_LIMIT,
                                 "%s: more than %" G_GUINT64_FORMAT " %s", pull->tree.op.what,
                                 many ? (guint64)MOST_ENTRIES : pull->limit,
                                 many ? "entries" : "bytes; max sets another limit"));
    return TRUE;
}

static LsbRecordResult pull_record(LsbFileOp *op, const struct file_record *r)
{
    Pull *pull = (Pull *)op;
    if (exceeds_limit(pull, r))
        return LSB_RECORD_BAD;
    int result = tree_receiver_take(pull->receiver, &op->parser, r);
    if (result >= 0)
        return result > 0 ? LSB_RECORD_DONE : LSB_RECORD_OK;
    const struct file_failure *failure = tree_receiver_failure(pull->receiver);
    if (failure->errnum != EPROTO) {
        g_autofree char *what = g_strdup_printf("pull %s", pull->target);
        lsb_file_op_fail_errno(op, what, failure);
    }
    return LSB_RECORD_BAD;
}

static void pull_clear(LsbFileOp *op)
{
    Pull *pull = (Pull *)op;
    tree_receiver_free(pull->receiver);
    g_free(pull->target);
}

static const struct file_summary *pulled_summary(const LsbFileOp *op)
{
    return tree_receiver_summary(((const Pull *)op)->receiver);
}

static const char *pulled_path(const LsbFileOp *op)
{
    return tree_receiver_path(((const Pull *)op)->receiver);
}

static const LsbFileOpType pull_op_type = {.record = pull_record, .clear = pull_clear};

LsbFileOp *lsb_pull_new(LsbSession *session, const char *source, const char *target,
                        const char *user, guint64 limit, GError **error)
{
    if (!lsb_file_check_path("pull", source, error))
        return NULL;
    g_autofree char *name = NULL, *copy = lsb_tree_target("pull", source, target, error);
    const LsbProfile *profile = lsb_session_profile(session);
    int dir = copy ? lsb_hostpath_open_parent(profile, copy, &name, error) : -1;
    if (dir < 0) {
        if (copy)
            g_prefix_error(error, "pull %s: ", target);
        return NULL;
    }
    Pull *pull = g_new0(Pull, 1);
    pull->tree = (LsbTreeOp){.summary = pulled_summary, .path = pulled_path};
    pull->tree.op.what = g_strdup_printf("pull %s", source);
    pull->target = g_steal_pointer(&copy);
    pull->limit = limit;
    pull->receiver = tree_receiver_new(dir, name, KEPT_MODE);
    g_assert(pull->receiver);
    const char *arguments[] = {"get", source, NULL};
    return lsb_file_op_begin(&pull->tree.op, &pull_op_type, session, arguments, user, error);
}
