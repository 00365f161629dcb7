/*
 * Disk images for a container: loop devices, and mounts of the filesystems on them that are not
 * attached anywhere yet. For root only. The host's kernel reads such an image, so unlike in a
 * machine a filesystem that an attacker has made attacks the host.
 *
 * A loop device lets go of its file with its last user (LO_FLAGS_AUTOCLEAR, loop(4)), so nothing is
 * left of it even when this process is killed. Its users are the descriptors here, the mount
 * (mount_setattr(2)), and files that the container has open.
 */
#ifndef LSANDBOX_HOST_LOOP_H
#define LSANDBOX_HOST_LOOP_H

#include <glib.h>

#include "recipe/identity/idmap.h"
#include "recipe/image.h"

/* The loop devices of one sandbox. */
typedef struct _LsbLoops LsbLoops;

/* An empty set of loop devices, for lsb_loops_free(). */
LsbLoops *lsb_loops_new(void);

/*
 * Make a loop device of the image, held until lsb_loops_free(). Returns its path ("/dev/loop3"),
 * which LOOPS owns; NULL with LSB_ERRNO, LSB_ERROR_INVALID, LSB_ERROR_UNSUPPORTED.
 */
const char *lsb_loops_add(LsbLoops *loops, const LsbImage *image, GError **error);

/* How to mount an image. */
typedef struct {
    guint64 attributes;          /* MOUNT_ATTR_ of linux/mount.h */
    guint owner_uid, owner_gid;  /* ids inside of the files' owner, if the filesystem has none */
    const LsbIdMap *uids, *gids; /* the container's; empty: its ids are the host's */
} LsbLoopMount;

/*
 * Mount the filesystem on DEVICE, attached nowhere, with its owners mapped as the container's ids
 * are. Where the kernel cannot map a filesystem that is read-only, its owners show as nobody.
 * Returns a descriptor that the caller closes; -1 with LSB_ERROR_UNSUPPORTED, LSB_ERROR_FAILED,
 * LSB_ERRNO.
 */
int lsb_loop_mount(const char *device, const LsbImage *image, const LsbLoopMount *how,
                   GError **error);

/*
 * Let go of the devices, and wait (10 s at most) until the kernel has written everything and
 * released the images, so that an image that was written is whole when the sandbox is over. NULL is
 * fine.
 */
void lsb_loops_free(LsbLoops *loops);

#endif
