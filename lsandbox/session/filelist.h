/* The file operations list and stat, and those that change a directory: mkdir, remove, rename. */
#ifndef LSANDBOX_SESSION_FILELIST_H
#define LSANDBOX_SESSION_FILELIST_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct {
    char *name; /* in a list; "" in a stat */
    char *link; /* what a symlink names; NULL: no symlink */
    enum file_type type;
    guint mode, uid, gid;
    guint64 size;
    struct timespec mtime;
} LsbFileStat;

/*
 * lsb_list_new() lists the directory PATH. lsb_stat_new() looks at PATH itself or, where FOLLOW, at
 * what a symlink there leads to. When the answers take more than the session's max_output bytes,
 * the operation ends as LSB_ERROR_OUTPUT_LIMIT. The caller frees it; NULL with an error (see
 * fileop.h).
 */
LsbFileOp *lsb_list_new(LsbSession *session, const char *path, const char *user, GError **error);
LsbFileOp *lsb_stat_new(LsbSession *session, const char *path, gboolean follow, const char *user,
                        GError **error);

/* The result: an array of LsbFileStat, sorted by name; of a stat, with one element. Borrowed. */
const GArray *lsb_list_entries(const LsbFileOp *op);

/*
 * Make, remove and rename. MODE: permission bits, -1 for 0755. PARENTS: make the directories above
 * PATH that are missing, and accept a PATH that is a directory already. RECURSIVE: remove a
 * directory with everything in it. FROM and TO as in rename(2). The caller frees the operation;
 * NULL with an error.
 */
LsbFileOp *lsb_mkdir_new(LsbSession *session, const char *path, int mode, gboolean parents,
                         const char *user, GError **error);
LsbFileOp *lsb_remove_new(LsbSession *session, const char *path, gboolean recursive,
                          const char *user, GError **error);
LsbFileOp *lsb_rename_new(LsbSession *session, const char *from, const char *to, const char *user,
                          GError **error);

#endif
