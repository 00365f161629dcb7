/*
 * Trees of the host as mounts that are not attached anywhere, for what is put together from them.
 */
#ifndef LSANDBOX_INIT_SOURCE_H
#define LSANDBOX_INIT_SOURCE_H

#include "path.h"

/*
 * The tree that the host calls SOURCE: a 9p tag, a passed descriptor ("fd:N"), or a path where
 * libvirt has mounted it, and from where it is taken away. A descriptor for the caller to close; -1
 * and errno.
 */
int source_tree(const struct root *root, const char *source);

/* The 9p mount options that fit every export; see source.c. Writes to DATA, returns it. */
const char *source_ninep_options(char *data, size_t size, bool cached, const char *more);

/* The descriptor that the host passed as SOURCE, "fd:N"; -1: SOURCE is something else. */
int source_passed_tree(const char *source);

/*
 * The mount tree that a PLACED source stands for, not attached anywhere: a descriptor that the host
 * passed, or a copy of what is mounted at a path in ROOT (AT_FDCWD: in this process's root). -1 and
 * errno.
 */
int source_placed_tree(int root, const char *source);

/* Let go of the place where libvirt has put a PLACED source. -1 and errno. */
int source_detach_place(const struct root *root, const char *source);

#endif
