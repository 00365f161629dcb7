/*
 * What the file operations have in common. For their implementations; files.h is for the others.
 */
#ifndef LSANDBOX_FILEOP_H
#define LSANDBOX_FILEOP_H

#include "session/files.h"

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
} LsbFileClass;

/* The first member of every operation's structure, which g_new0() made. */
struct _LsbFileOp {
    const LsbFileClass *class;
    LsbSandbox *sandbox;
    LsbProgram *program;
    struct file_parser parser;
    guint source;
    gboolean input_over, done;
    GError *error;
    char *what; /* for messages: "read /etc/passwd"; where NULL, made of the arguments */
};

/*
 * Start ARGUMENTS (the first is the operation's name) in SB. On failure frees OP and returns NULL.
 * The caller has set what CLASS's functions need.
 */
LsbFileOp *lsb_file_op_begin(LsbFileOp *op, const LsbFileClass *class, LsbSandbox *sb,
                             const char *const *arguments, const char *user, GError **error);

/* Look again at what there is to do, at the next turn of the main context. */
void lsb_file_op_wake(gpointer op);

/* It is over. Takes ERROR; only the first one counts. */
void lsb_file_op_fail(LsbFileOp *op, GError *error);
/* The same with an errno: "WHAT/PATH: message"; PATH may be NULL and is made printable. */
void lsb_file_op_fail_errno(LsbFileOp *op, const char *what, const struct file_failure *failure);

/* LSB_ERROR_INVALID unless PATH is absolute: `read: expected absolute path, got "x"`. */
gboolean lsb_file_check_path(const char *operation, const char *path, GError **error);

#endif
