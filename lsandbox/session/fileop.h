/*
 * File operations in a running sandbox. Each is a program of the guest init's file service
 * (shared/filewire.h) with the rights of USER (a name or number; NULL: the session's user), and
 * an object here that advances on the default main context until lsb_file_op_done(). Everything
 * that the guest answers is checked; a malformed answer ends the operation as LSB_ERROR_PROTOCOL.
 *
 * Paths inside the sandbox are absolute: LSB_ERROR_INVALID otherwise. The other errors of the
 * functions that begin an operation are those of lsb_session_spawn(), and for push and pull those of
 * opening the host's directory.
 */
#ifndef LSANDBOX_SESSION_FILEOP_H
#define LSANDBOX_SESSION_FILEOP_H

#include <glib.h>

#include "session/program.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct _LsbFileOp LsbFileOp;

typedef enum { LSB_RECORD_OK, LSB_RECORD_DONE, LSB_RECORD_BAD } LsbRecordResult;

/* A kind of operation. NULL members: it has no such thing. */
typedef struct {
    /* Queue more of the program's input by lsb_program_write(): it has room. */
    void (*produce)(LsbFileOp *op);
    /*
     * A record that is no ERROR; where NULL, only DONE is expected. BAD: it broke the protocol, or
     * lsb_file_op_fail() has been called.
     */
    LsbRecordResult (*record)(LsbFileOp *op, const struct file_record *record);
    /* FALSE: leave what has come where it is, so that the guest waits. */
    gboolean (*wants)(const LsbFileOp *op);
    void (*clear)(LsbFileOp *op);
    gboolean keeps_input; /* stdin stays open to the end */
} LsbFileOpType;

/* The first member of every operation's structure, which g_new0() made. */
struct _LsbFileOp {
    const LsbFileOpType *type;
    LsbSession *session;
    LsbProgram *program;
    struct file_parser parser;
    guint source;
    gboolean input_over, done;
    GError *error;
    char *what; /* for messages: "read /etc/passwd"; where NULL, made of the arguments */
};

/*
 * Start ARGUMENTS (the first is the operation's name) over SESSION. The caller has set what TYPE's
 * functions need. On failure frees OP and returns NULL.
 */
LsbFileOp *lsb_file_op_begin(LsbFileOp *op, const LsbFileOpType *type, LsbSession *session,
                             const char *const *arguments, const char *user, GError **error);

/* Look again at what there is to do, at the next turn of the main context. */
void lsb_file_op_wake(gpointer op);

/* It is over. Takes ERROR; only the first one counts. */
void lsb_file_op_fail(LsbFileOp *op, GError *error);
/* The same with an errno: "WHAT/PATH: message"; PATH may be NULL and is made printable. */
void lsb_file_op_fail_errno(LsbFileOp *op, const char *what, const struct file_failure *failure);

/* LSB_ERROR_INVALID unless PATH is absolute: `read: expected absolute path, got "x"`. */
gboolean lsb_file_check_path(const char *operation, const char *path, GError **error);

/* --- what push and pull share --- */

typedef struct {
    LsbFileOp op;
    const struct file_summary *(*summary)(const LsbFileOp *op);
    const char *(*path)(const LsbFileOp *op);
} LsbTreeOp;

/*
 * The copy's name: TARGET, or below it the last name in SOURCE where TARGET ends in "/". NULL with
 * LSB_ERROR_INVALID where SOURCE has no such name. Caller frees.
 */
char *lsb_tree_target(const char *operation, const char *source, const char *target,
                      GError **error);

/* TRUE when it is over: LsbCondition. */
gboolean lsb_file_op_done(gpointer op);

/* How it went, once it is over. An errno of the guest is LSB_ERRNO. */
gboolean lsb_file_op_result(LsbFileOp *op, GError **error);

/*
 * End it early; LSB_ERROR_FAILED becomes its result. The guest tidies up after itself, which
 * lsb_file_op_gone() tells.
 */
void lsb_file_op_cancel(LsbFileOp *op);
gboolean lsb_file_op_gone(gpointer op);

/* Cancels it where it is not over. NULL is fine. */
void lsb_file_op_free(LsbFileOp *op);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbFileOp, lsb_file_op_free)

/* What it came to, or has come to so far; borrowed. Of a pull the paths are the guest's words. */
const struct file_summary *lsb_tree_summary(const LsbFileOp *op);

/* What is under way: a path below the top, "" for the top itself. */
const char *lsb_tree_path(const LsbFileOp *op);

#endif
