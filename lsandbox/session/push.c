/* The file operation push: a tree of the host, read no faster than the guest takes it. */
#include "session/push.h"

#include <errno.h>
#include <unistd.h>

#include "session/fileop.h"
#include "session/hostpath.h"
#include "session/profile.h"
#include "session/programinput.h"
#include "session/session.h"
#include "shared/filewire.h"
#include "shared/treesend.h"

typedef struct {
    LsbTreeOp tree;
    int dir; /* the directory that holds the source */
    char *source;
    struct tree_sender *sender;
} Push;

static void push_produce(LsbFileOp *op)
{
    Push *push = (Push *)op;
    const uint8_t *data;
    size_t length;
    int result = tree_sender_next(push->sender, &data, &length);
    if (result < 0) {
        g_autofree char *what = g_strdup_printf("push %s", push->source);
        lsb_file_op_fail_errno(op, what, tree_sender_failure(push->sender));
    } else if (result == 0) {
        op->input_over = TRUE;
        lsb_program_close_input(op->program);
    } else if (!lsb_program_write(op->program, data, length)) {
        op->input_over = TRUE; /* the guest takes no more; its answer will say why */
    }
}

static void push_clear(LsbFileOp *op)
{
    Push *push = (Push *)op;
    tree_sender_free(push->sender);
    if (push->dir >= 0)
        close(push->dir);
    g_free(push->source);
}

static const struct file_summary *pushed_summary(const LsbFileOp *op)
{
    return tree_sender_summary(((const Push *)op)->sender);
}

static const char *pushed_path(const LsbFileOp *op)
{
    return tree_sender_path(((const Push *)op)->sender);
}

static const LsbFileOpType push_op_type = {.produce = push_produce, .clear = push_clear};

LsbFileOp *lsb_push_new(LsbSession *session, const char *source, const char *target,
                        const char *user, GError **error)
{
    if (!lsb_file_check_path("push", target, error))
        return NULL;
    g_autofree char *absolute = g_canonicalize_filename(source, NULL), *name = NULL;
    g_autofree char *copy = lsb_tree_target("push", absolute, target, error);
    const LsbProfile *profile = lsb_session_profile(session);
    int dir = copy ? lsb_hostpath_open_parent(profile, source, &name, error) : -1;
    if (dir < 0) {
        if (copy)
            g_prefix_error(error, "push %s: ", source);
        return NULL;
    }
    Push *push = g_new0(Push, 1);
    push->tree = (LsbTreeOp){.summary = pushed_summary, .path = pushed_path};
    push->tree.op.what = g_strdup_printf("push %s", copy);
    push->dir = dir;
    push->source = g_strdup(source);
    push->sender = tree_sender_new(dir, name);
    g_assert(push->sender);
    const char *arguments[] = {"put", copy, NULL};
    return lsb_file_op_begin(&push->tree.op, &push_op_type, session, arguments, user, error);
}
