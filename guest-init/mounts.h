/*
 * The plan's mounts, in the plan's order.
 */
#ifndef LSANDBOX_INIT_MOUNTS_H
#define LSANDBOX_INIT_MOUNTS_H

#include "path.h"
#include "plan.h"

/* The 9p mount options that fit every export; see mounts.c. Writes to DATA, returns it. */
const char *mounts_ninep_options(char *data, size_t size, bool cached, const char *more);

/*
 * The mount tree that a PLACED source stands for, not attached anywhere: a descriptor that the host
 * passed, or a copy of what is mounted at a path in ROOT (AT_FDCWD: in this process's root). -1 and
 * errno.
 */
int mounts_placed_tree(int root, const char *source);

/* Let go of the place where libvirt has put a PLACED source. -1 and errno. */
int mounts_detach_place(const struct root *root, const char *source);

/* The plan's flags, for mount(2) and for mount_setattr(2). */
unsigned long mounts_flags(uint32_t flags);
uint64_t mounts_attrs(uint32_t flags);

/* Make them all. -1: failure_text() names the target. */
int mounts_make(struct root *root, const struct plan *plan);

#endif
