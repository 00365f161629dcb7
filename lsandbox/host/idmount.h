/*
 * Mounts that show the files of one user as those of another: idmapped mounts (mount_setattr(2),
 * Linux 5.12; user_namespaces(7) for the maps).
 */
#ifndef LSANDBOX_HOST_IDMOUNT_H
#define LSANDBOX_HOST_IDMOUNT_H

#include <glib.h>

/* A user and group in a container, by the numbers that the host's kernel knows them by, and whom
 * they stand for in the host's files. */
typedef struct {
    guint32 inside_uid, host_uid;
    guint32 inside_gid, host_gid;
} LsbIdSwap;

/*
 * In the detached mount TREE and, where their file systems can, those below it, what is HOST's is
 * INSIDE's and the other way round. Nothing else changes: nobody inside can make a file of another
 * user of the host, root's least of all. FALSE with errno where the kernel or the file system
 * cannot do it; then the tree is as it was.
 */
gboolean lsb_idmount_swap(int tree, const LsbIdSwap *swap);

#endif
