/*
 * File operations in a running sandbox. Each is a program of the guest init's file service
 * (shared/filewire.h) with the rights of USER (a name or number; NULL: the sandbox's user), and
 * an object here that advances on the default main context until lsb_file_op_done(). Everything
 * that the guest answers is checked; what is wrong ends the operation as LSB_ERROR_PROTOCOL.
 *
 * Paths inside the sandbox are absolute: LSB_ERROR_INVALID otherwise. Other errors at once are
 * those of lsb_sandbox_spawn(), and of the host's side of push and pull.
 */
#ifndef LSANDBOX_FILES_H
#define LSANDBOX_FILES_H

#include <glib.h>

#include "shared/filewire.h"
#include "sandbox/sandbox.h"

typedef struct _LsbFileOp LsbFileOp;

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

/* --- trees -------------------------------------------------------------------------------------
 */

/*
 * Copy SOURCE, the host's, to TARGET in the sandbox: a file, a symlink as it is, or a tree. TARGET
 * is the copy's name, or with "/" at its end the directory to put it in. Modes and times are kept;
 * directories that are there are filled, files replaced whole. Special files are left out.
 */
LsbFileOp *lsb_push_new(LsbSandbox *sb, const char *source, const char *target, const char *user,
                        GError **error);

/*
 * The other way. Only the permission bits are kept: no file of the host becomes set-user-ID by the
 * guest's word. LIMIT: bytes of file data; more, or more than a million entries, ends as
 * LSB_ERROR_OUTPUT_LIMIT.
 */
LsbFileOp *lsb_pull_new(LsbSandbox *sb, const char *source, const char *target, const char *user,
                        guint64 limit, GError **error);

/* What it came to, or has come to so far; borrowed. Of a pull the paths are the guest's words. */
const struct file_summary *lsb_tree_summary(const LsbFileOp *op);
/* What is under way: a path below the top, "" for the top itself. */
const char *lsb_tree_path(const LsbFileOp *op);

/* --- contents ----------------------------------------------------------------------------------
 */

/* LENGTH bytes from OFFSET; a file that holds more than LIMIT of them is LSB_ERROR_OUTPUT_LIMIT. */
LsbFileOp *lsb_read_new(LsbSandbox *sb, const char *path, guint64 offset, guint64 length,
                        guint64 limit, const char *user, GError **error);
/* What has been read; borrowed. */
const guint8 *lsb_read_data(const LsbFileOp *op, gsize *length);

/* MODE -1: the file's own, or for a new one as umask 022 leaves it. Takes a reference to DATA. */
LsbFileOp *lsb_write_new(LsbSandbox *sb, const char *path, GBytes *data, int mode, gboolean append,
                         const char *user, GError **error);

/* --- directories -------------------------------------------------------------------------------
 */

typedef struct {
    char *name; /* in a list */
    char *link; /* of a symlink; else NULL */
    enum file_type type;
    guint mode, uid, gid;
    guint64 size;
    struct timespec mtime;
} LsbFileStat;

/* What the directory PATH holds; what PATH is, of a symlink what it leads to where FOLLOW. */
LsbFileOp *lsb_list_new(LsbSandbox *sb, const char *path, const char *user, GError **error);
LsbFileOp *lsb_stat_new(LsbSandbox *sb, const char *path, gboolean follow, const char *user,
                        GError **error);
/* LsbFileStat, sorted by name; borrowed. Of a stat: one. */
const GArray *lsb_list_entries(const LsbFileOp *op);

/*
 * MODE: permission bits, -1 for 0755. PARENTS: make what is missing above it, and take a directory
 * that is there. RECURSIVE: with all that a directory holds. FROM and TO as in rename(2).
 */
LsbFileOp *lsb_mkdir_new(LsbSandbox *sb, const char *path, int mode, gboolean parents,
                         const char *user, GError **error);
LsbFileOp *lsb_remove_new(LsbSandbox *sb, const char *path, gboolean recursive, const char *user,
                          GError **error);
LsbFileOp *lsb_rename_new(LsbSandbox *sb, const char *from, const char *to, const char *user,
                          GError **error);

/* --- watching ----------------------------------------------------------------------------------
 */

typedef struct {
    const char *event; /* static: "create", "modify" ... */
    char *name;        /* in a watched directory; "" for what is watched itself */
    gboolean is_dir;
    guint cookie; /* the same for both halves of a move */
} LsbFileEvent;

/* Watch the file or directory PATH, as inotify(7) does. It is over when PATH is gone. */
LsbFileOp *lsb_watch_new(LsbSandbox *sb, const char *path, const char *user, GError **error);
/* LsbConditions: the watch is set, or over; an event is here, or the watch is over. */
gboolean lsb_watch_ready(gpointer op);
gboolean lsb_watch_has_event(gpointer op);
/* The next event, which the caller clears with lsb_file_event_clear(). FALSE: none is here now. */
gboolean lsb_watch_take(LsbFileOp *op, LsbFileEvent *event);
void lsb_file_event_clear(LsbFileEvent *event);

#endif
