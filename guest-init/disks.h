/* Disks, found by their serial numbers: mounted, or given to programs as /dev/disk/by-tag/TAG. */
#ifndef LSANDBOX_INIT_DISKS_H
#define LSANDBOX_INIT_DISKS_H

#include "path.h"
#include "plan.h"

/*
 * Machine, while the initramfs is still the root: mount the disk SERIAL on TARGET (O_PATH).
 * FILESYSTEM is a type and options, "xfs nouuid"; FLAGS are as for mount(2). -1 and errno.
 */
int disks_mount(const char *serial, const char *filesystem, unsigned long flags, int target);

/* Machine: make the nodes of the plan's disks in the root's /dev, and their links. */
int disks_make_nodes(const struct root *root, const struct plan *plan);

/* Container: libvirt has made the nodes; give them the plan's owners and modes, and make links. */
int disks_take_nodes(const struct root *root, const struct plan *plan);

#endif
