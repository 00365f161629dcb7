/*
 * Mounts that show the files of one user as those of another: idmapped mounts (mount_setattr(2),
 * Linux 5.12; user_namespaces(7) for the maps).
 */
#ifndef LSANDBOX_HOST_IDMOUNT_H
#define LSANDBOX_HOST_IDMOUNT_H

#include <glib.h>

/*
 * Two users that change places, as ids of the host's kernel: a container's user and group, and the
 * host's user and group whose files they are to own.
 */
typedef struct {
    guint32 inside_uid, host_uid;
    guint32 inside_gid, host_gid;
    gboolean keeps_root; /* the container has a user namespace, so nobody inside has the host's 0 */
} LsbIdSwap;

/*
 * In the detached mount TREE, show the files of the host's user as those of the user inside, and
 * the other way round; in the mounts below it, too, where all their file systems can do that, and
 * without KEEPS_ROOT in any case. All other ids stay as they are. Without KEEPS_ROOT the id 0 of
 * the file system is nobody's in TREE: the kernel then refuses to make a file of the host's root,
 * to give one to root, to write to a file of root, and to read one by the rights of its owner.
 * FALSE with errno where the kernel or the file system cannot do it; TREE is unchanged then.
 */
gboolean lsb_idmount_swap(int tree, const LsbIdSwap *swap);

#endif
