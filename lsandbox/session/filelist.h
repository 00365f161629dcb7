/* list and stat; and what changes a directory: mkdir, remove, rename. */
#ifndef LSANDBOX_SESSION_FILELIST_H
#define LSANDBOX_SESSION_FILELIST_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"
#include "shared/filewire.h"

typedef struct {
    char *name; /* in a list */
    char *link; /* of a symlink; else NULL */
    enum file_type type;
    guint mode, uid, gid;
    guint64 size;
    struct timespec mtime;
} LsbFileStat;

/* What the directory PATH holds; what PATH is, of a symlink what it leads to where FOLLOW. */
LsbFileOp *lsb_list_new(LsbSession *session, const char *path, const char *user, GError **error);
LsbFileOp *lsb_stat_new(LsbSession *session, const char *path, gboolean follow, const char *user,
                        GError **error);

/* LsbFileStat, sorted by name; borrowed. Of a stat: one. */
const GArray *lsb_list_entries(const LsbFileOp *op);

/*
 * MODE: permission bits, -1 for 0755. PARENTS: make what is missing above it, and take a directory
 * that is there. RECURSIVE: with all that a directory holds. FROM and TO as in rename(2).
 */
LsbFileOp *lsb_mkdir_new(LsbSession *session, const char *path, int mode, gboolean parents,
                         const char *user, GError **error);
LsbFileOp *lsb_remove_new(LsbSession *session, const char *path, gboolean recursive, const char *user,
                          GError **error);
LsbFileOp *lsb_rename_new(LsbSession *session, const char *from, const char *to, const char *user,
                          GError **error);

#endif
