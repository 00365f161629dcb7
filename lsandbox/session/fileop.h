/*
 * File operations in a running sandbox. Each is a program of the guest init's file service
 * (shared/filewire.h) with the rights of USER (a name or number; NULL: the session's user), and an
 * object here that advances on the default main context until lsb_file_op_done(). Everything that
 * the guest answers is checked; a malformed answer ends the operation as LSB_ERROR_PROTOCOL.
 *
 * Paths inside the sandbox are absolute: LSB_ERROR_INVALID otherwise. The other errors of the
 * functions that begin an operation are those of lsb_session_spawn(), and for push and pull those
 * of opening the host's directory.
 */
#ifndef LSANDBOX_SESSION_FILEOP_H
#define LSANDBOX_SESSION_FILEOP_H

#include <glib.h>

#include "session/program.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct _LsbFileOp LsbFileOp;

typedef enum { LSB_RECORD_OK, LSB_RECORD_DONE, LSB_RECORD_BAD } LsbRecordResult;

/* What one type of operation does; a NULL member: nothing. */
typedef struct {
    /* Queue more of the program's input by lsb_program_write(), because there is room for it. */
    void (*produce)(LsbFileOp *op);
    /*
     * Take a record that is not ERROR. Returns LSB_RECORD_BAD where the record breaks the protocol,
     * or after lsb_file_op_fail(). NULL: only DONE is expected.
     */
    LsbRecordResult (*record)(LsbFileOp *op, const struct file_record *record);
    /* Whether another record can be taken. While it is FALSE, the guest waits for credit. */
    gboolean (*wants)(const LsbFileOp *op);
    /* Free what the type's own members hold. */
    void (*clear)(LsbFileOp *op);
    gboolean keeps_input; /* the program's stdin stays open until the operation is over */
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
    char *what; /* for messages, "read /etc/passwd"; where NULL, made from the arguments */
};

/*
 * Start the program that does ARGUMENTS (the first is the operation's name) over SESSION. The
 * caller has set the members of OP that TYPE's functions need. On failure frees OP and returns
 * NULL.
 */
LsbFileOp *lsb_file_op_begin(LsbFileOp *op, const LsbFileOpType *type, LsbSession *session,
                             const char *const *arguments, const char *user, GError **error);

/* Let the operation go on at the next turn of the main context. */
void lsb_file_op_wake(gpointer op);

/* End the operation with ERROR, which is taken over. Only the first error counts. */
void lsb_file_op_fail(LsbFileOp *op, GError *error);
/* The same with an errno: "WHAT/PATH: message". PATH may be NULL, and is made printable. */
void lsb_file_op_fail_errno(LsbFileOp *op, const char *what, const struct file_failure *failure);

/* LSB_ERROR_INVALID unless PATH is absolute: `read: expected absolute path, got "x"`. */
gboolean lsb_file_check_path(const char *operation, const char *path, GError **error);

/* --- what push and pull share --- */

/* A push or a pull, with its own functions for lsb_tree_summary() and lsb_tree_path(). */
typedef struct {
    LsbFileOp op;
    const struct file_summary *(*summary)(const LsbFileOp *op);
    const char *(*path)(const LsbFileOp *op);
} LsbTreeOp;

/*
 * The path of the copy: TARGET, or where TARGET ends in "/" the last name of SOURCE below it.
 * Caller frees. NULL with LSB_ERROR_INVALID where SOURCE has no such name.
 */
char *lsb_tree_target(const char *operation, const char *source, const char *target,
                      GError **error);

/* LsbCondition: the operation is over. */
gboolean lsb_file_op_done(gpointer op);

/* Once OP is over: TRUE, or FALSE with its error. An errno of the guest is an LSB_ERRNO. */
gboolean lsb_file_op_result(LsbFileOp *op, GError **error);

/* End the operation early, with the result LSB_ERROR_FAILED. */
void lsb_file_op_cancel(LsbFileOp *op);
/* LsbCondition: the guest's program has ended, too, and has removed what it left half done. */
gboolean lsb_file_op_gone(gpointer op);

/* Free the operation; one that is not over is cancelled first. NULL is fine. */
void lsb_file_op_free(LsbFileOp *op);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbFileOp, lsb_file_op_free)

/* What a push or pull has copied so far. Borrowed. The guest has chosen the paths of a pull. */
const struct file_summary *lsb_tree_summary(const LsbFileOp *op);

/* Which entry a push or pull is copying: a path below the top; "": the top itself. Borrowed. */
const char *lsb_tree_path(const LsbFileOp *op);

#endif
