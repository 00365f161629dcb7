/*
 * Images for a container: loop devices, and mounts of the filesystems on them that are attached
 * nowhere yet. For root only. Whoever mounts an image has the host's kernel read it: unlike in a
 * machine, a filesystem made by an enemy attacks the host.
 *
 * A loop device is told to let go of its file with its last user (LO_FLAGS_AUTOCLEAR), so nothing
 * is left of it whatever kills us: its users are the descriptors here, the mount, and what the
 * container has open. loop(4), mount_setattr(2).
 */
#ifndef LSANDBOX_HOST_LOOP_H
#define LSANDBOX_HOST_LOOP_H

#include <glib.h>

#include "recipe/identity/idmap.h"
#include "recipe/image.h"

/* The loop devices of one sandbox. */
typedef struct _LsbLoops LsbLoops;

LsbLoops *lsb_loops_new(void);

/*
 * A loop device of the image, held until lsb_loops_free(). NULL: LSB_ERRNO, LSB_ERROR_INVALID,
 * LSB_ERROR_UNSUPPORTED. The path ("/dev/loop3") is owned by LOOPS.
 */
const char *lsb_loops_add(LsbLoops *loops, const LsbImage *image, GError **error);

/* What a mount of an image is like. */
typedef struct {
    guint64 attributes;          /* MOUNT_ATTR_ of linux/mount.h */
    guint owner_uid, owner_gid;  /* of files where the filesystem has no owners; as inside */
    const LsbIdMap *uids, *gids; /* the container's; empty: its ids are the host's */
} LsbLoopMount;

/*
 * The filesystem on DEVICE, mounted but attached nowhere; its owners mapped as the container's are
 * (where the kernel cannot do that for a filesystem that is only read, they show as nobody). A
 * descriptor that the caller closes; -1: LSB_ERROR_UNSUPPORTED, LSB_ERROR_FAILED, LSB_ERRNO.
 */
int lsb_loop_mount(const char *device, const LsbImage *image, const LsbLoopMount *how,
                   GError **error);

/*
 * Let go, and wait (bounded) until the kernel has written everything and released the images, so
 * that a file that was written is whole when the sandbox is over. NULL is fine.
 */
void lsb_loops_free(LsbLoops *loops);

#endif
