/* The program of the file service behind a file operation, from its start to its result. */
#include "session/fileop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/value.h"
#include "session/guesttext.h"
#include "session/program.h"
#include "session/programinput.h"
#include "session/programoutput.h"
#include "session/session.h"
#include "session/spec.h"
#include "shared/filewire.h"
#include "shared/wire.h"

/* --- how it ends --- */

/* A program that still runs then sees that both are closed, and removes what is half done. */
static void end_streams(LsbFileOp *op)
{
    op->input_over = TRUE;
    lsb_program_close_input(op->program);
    lsb_program_close_output(op->program, WIRE_STDOUT);
}

static void finish_op(LsbFileOp *op)
{
    if (op->done)
        return;
    op->done = TRUE;
    end_streams(op);
}

void lsb_file_op_fail(LsbFileOp *op, GError *error)
{
    if (op->done) {
        g_error_free(error);
        return;
    }
    op->error = error;
    finish_op(op);
    lsb_program_kill(op->program, SIGTERM); /* it may wait for neither stream */
}

void lsb_file_op_fail_errno(LsbFileOp *op, const char *what, const struct file_failure *failure)
{
    GError *error = NULL;
    const char *where = failure->path ? failure->path : "";
    g_autofree char *path = lsb_guest_text(where, strlen(where));
    const char *slash = *path && !g_str_has_suffix(what, "/") ? "/" : "";
    lsb_set_errno(&error, failure->errnum, "%s%s%s", what, slash, path);
    lsb_file_op_fail(op, error);
}

static void fail_protocol(LsbFileOp *op)
{
    lsb_file_op_fail(op, g_error_new(LSB_ERROR, LSB_ERROR_PROTOCOL,
                                     "%s: the guest's answer is not well-formed", op->what));
}

/* Fail, because the program has ended without DONE or ERROR. */
static void fail_ended(LsbFileOp *op)
{
    int value;
    const char *message;
    const GError *reason = lsb_session_reason(op->session);
    LsbEnd end = lsb_program_end(op->program, &value, &message);
    GError *error;
    if (end == LSB_END_LOST && reason)
        error = g_error_new(reason->domain, reason->code, "%s: %s", op->what, reason->message);
    else if (end == LSB_END_LOST)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "%s: %s", op->what,
                            message ? message : "the sandbox ended");
    else if (end == LSB_END_NOT_RUN)
        error = g_error_new(LSB_ERROR, LSB_ERROR_FAILED, "%s: %s", op->what, message);
    else if (end == LSB_END_SIGNALED)
        error = g_error_new(LSB_ERROR, LSB_ERROR_FAILED, "%s: ended by signal %d", op->what, value);
    else
        error =
            g_error_new(LSB_ERROR, LSB_ERROR_PROTOCOL, "%s: the guest gave no answer", op->what);
    lsb_file_op_fail(op, error);
}

/* --- how it goes on --- */

static void take_error(LsbFileOp *op, const struct file_record *record)
{
    struct file_failure failure;
    const char *path;
    if (file_get_error(&op->parser, record, &failure.errnum, &path) < 0) {
        fail_protocol(op);
        return;
    }
    failure.path = (char *)path;
    lsb_file_op_fail_errno(op, op->what, &failure);
}

static LsbRecordResult only_done(const struct file_record *record)
{
    return record->kind == FILE_DONE && record->length == 0 ? LSB_RECORD_DONE : LSB_RECORD_BAD;
}

static void take_op_record(LsbFileOp *op, const struct file_record *record)
{
    if (record->kind == FILE_ERROR) {
        take_error(op, record);
        return;
    }
    LsbRecordResult result = op->type->record ? op->type->record(op, record) : only_done(record);
    if (result == LSB_RECORD_DONE)
        finish_op(op);
    else if (result == LSB_RECORD_BAD)
        fail_protocol(op); /* does nothing where the operation has failed already */
}

static gboolean op_wants(const LsbFileOp *op)
{
    return !op->done && (!op->type->wants || op->type->wants(op));
}

static void consume(LsbFileOp *op)
{
    gsize len, used = 0;
    const guint8 *data = lsb_program_peek(op->program, WIRE_STDOUT, &len);
    while (used < len && op_wants(op)) {
        struct file_record record;
        long n = file_parse(&op->parser, data + used, len - used, &record);
        if (n < 0) {
            fail_protocol(op);
            return;
        }
        used += (gsize)n;
        if (record.kind)
            take_op_record(op, &record);
    }
    if (!op->done)
        lsb_program_consume(op->program, WIRE_STDOUT, used);
}

static gboolean all_is_said(const LsbFileOp *op)
{
    gsize len;
    int value;
    const char *message;
    lsb_program_peek(op->program, WIRE_STDOUT, &len);
    return len == 0 && lsb_program_stream_ended(op->program, WIRE_STDOUT) &&
           lsb_program_end(op->program, &value, &message) != LSB_END_NONE;
}

static gboolean work(gpointer data)
{
    LsbFileOp *op = data;
    op->source = 0;
    if (op->type->produce && !op->input_over && lsb_program_writable(op->program))
        op->type->produce(op);
    consume(op);
    if (!op->done && all_is_said(op))
        fail_ended(op);
    if (!op->done && op->type->produce && !op->input_over && lsb_program_writable(op->program))
        lsb_file_op_wake(op);
    return G_SOURCE_REMOVE;
}

void lsb_file_op_wake(gpointer data)
{
    LsbFileOp *op = data;
    if (!op->source && !op->done)
        op->source = g_idle_add_full(G_PRIORITY_DEFAULT, work, op, NULL);
}

/* --- the object --- */

gboolean lsb_file_check_path(const char *operation, const char *path, GError **error)
{
    g_autofree char *shown = lsb_text_show(path);
    return g_path_is_absolute(path) ||
           lsb_fail(error, INVALID, "%s: expected absolute path, got %s", operation, shown);
}

static LsbProgram *spawn_service(LsbSession *session, const LsbFileOpType *type,
                                 const char *const *arguments, const char *user, GError **error)
{
    static const LsbOutputTarget targets[2] = {{.fd = -1, .mode = LSB_OUTPUT_PIPE},
                                               {.fd = -1, .mode = LSB_OUTPUT_NULL}};
    g_autoptr(LsbProgramSpec) spec =
        lsb_program_spec_service(lsb_session_profile(session), arguments, user,
                                 type->produce || type->keeps_input, error);
    return spec ? lsb_session_spawn(session, spec, -1, targets, error) : NULL;
}

LsbFileOp *lsb_file_op_begin(LsbFileOp *op, const LsbFileOpType *type, LsbSession *session,
                             const char *const *arguments, const char *user, GError **error)
{
    op->type = type;
    if (!op->what)
        op->what = g_strdup_printf("%s %s", arguments[0], arguments[1]);
    op->program = spawn_service(session, type, arguments, user, error);
    if (!op->program) {
        lsb_file_op_free(op);
        return NULL;
    }
    op->session = lsb_session_ref(session);
    lsb_program_watch(op->program, lsb_file_op_wake, op);
    lsb_file_op_wake(op);
    return op;
}

gboolean lsb_file_op_done(gpointer data)
{
    return ((LsbFileOp *)data)->done;
}

gboolean lsb_file_op_result(LsbFileOp *op, GError **error)
{
    if (op->error)
        g_propagate_error(error, g_error_copy(op->error));
    return !op->error;
}

void lsb_file_op_cancel(LsbFileOp *op)
{
    lsb_file_op_fail(op, g_error_new(LSB_ERROR, LSB_ERROR_FAILED, "%s: cancelled", op->what));
}

gboolean lsb_file_op_gone(gpointer data)
{
    LsbFileOp *op = data;
    int value;
    const char *message;
    return lsb_program_end(op->program, &value, &message) != LSB_END_NONE;
}

void lsb_file_op_free(LsbFileOp *op)
{
    if (!op)
        return;
    if (op->program) {
        lsb_file_op_cancel(op);
        lsb_program_watch(op->program, NULL, NULL);
        lsb_program_unref(op->program);
    }
    g_clear_handle_id(&op->source, g_source_remove);
    if (op->type->clear)
        op->type->clear(op);
    file_parser_clear(&op->parser);
    lsb_session_unref(op->session);
    g_clear_error(&op->error);
    g_free(op->what);
    g_free(op);
}

/* --- copies of trees --- */

char *lsb_tree_target(const char *operation, const char *source, const char *target, GError **error)
{
    if (!g_str_has_suffix(target, "/") || strspn(target, "/") == strlen(target))
        return g_strdup(target);
    g_autofree char *name = g_path_get_basename(source);
    if (file_name_ok(name))
        return g_strconcat(target, name, NULL);
    lsb_fail(error, INVALID, "%s: \"%s\" has no name of its own to be put into \"%s\"", operation,
             source, target);
    return NULL;
}

const struct file_summary *lsb_tree_summary(const LsbFileOp *op)
{
    return ((const LsbTreeOp *)op)->summary(op);
}

const char *lsb_tree_path(const LsbFileOp *op)
{
    return ((const LsbTreeOp *)op)->path(op);
}
