/*
 * The sandbox's root filesystem: found, put together, and made this process's "/".
 */
#ifndef LSANDBOX_INIT_ROOT_H
#define LSANDBOX_INIT_ROOT_H

#include "path.h"
#include "plan.h"

/*
 * Machine, before there is a plan: make the places in the initramfs where mounts are put together.
 * The one where private filesystems may be mounted for a moment; NULL: see failure_text().
 */
const char *root_make_places(void);

/* Machine: the host's root by 9p, read-only, under an overlay when the plan says so. */
int root_mount_machine(struct root *root, const struct plan *plan);

/* Machine: make it "/". */
int root_switch_machine(struct root *root);

/*
 * Machine: back to the initramfs, as it was before the plan but for what is mounted: all mounts of
 * which root_is_left_with() is true have to go. -1: see failure_text(); nothing can be done then.
 */
int root_leave_machine(void);
bool root_is_left_with(const char *path);

/*
 * Container: the tree that the plan names, read-only or as the lower part of overlays, with
 * libvirt's /dev, /proc and /sys. When this returns it is "/" already, and what libvirt started us
 * in is gone.
 */
int root_take_container(struct root *root, const struct plan *plan);

#endif
