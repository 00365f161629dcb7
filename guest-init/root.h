/*
 * The sandbox's root filesystem: found, put together, and made this process's "/".
 */
#ifndef LSANDBOX_INIT_ROOT_H
#define LSANDBOX_INIT_ROOT_H

#include "path.h"
#include "plan.h"

/*
 * Machine, before there is a plan: make the directories in the initramfs where mounts are put
 * together. Returns the path of the one where private filesystems may be mounted for a moment; NULL
 * with failure_text().
 */
const char *root_make_places(void);

/*
 * Machine: mount the root that PLAN names, by 9p or from a disk, and an overlay over it when PLAN
 * says so. -1, with failure_text().
 */
int root_mount_machine(struct root *root, const struct plan *plan);

/* Machine: make ROOT this process's "/". -1, with failure_text(). */
int root_switch_machine(struct root *root);

/*
 * Machine: make the initramfs "/" again, as it was before the plan. What the plan has mounted stays
 * mounted: the caller unmounts every PATH for which root_is_left_with() is true. -1, with
 * failure_text(): the machine cannot be used any more.
 */
int root_leave_machine(void);
bool root_is_left_with(const char *path);

/*
 * Container: put the root together from the tree that PLAN names, read-only or as the lower part of
 * overlays, and libvirt's /dev, /proc and /sys. When this returns 0, that root is "/", and the
 * first root that libvirt has made is gone. -1, with failure_text().
 */
int root_take_container(struct root *root, const struct plan *plan);

#endif
