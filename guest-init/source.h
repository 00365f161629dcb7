/*
 * Trees of the host as detached mounts, from which the sandbox's mounts are put together. A
 * container gets PLACED sources: descriptors that the host has passed, or paths where libvirt has
 * mounted them.
 */
#ifndef LSANDBOX_INIT_SOURCE_H
#define LSANDBOX_INIT_SOURCE_H

#include "path.h"

/*
 * Open the tree that the host calls SOURCE: a 9p tag, a passed descriptor ("fd:N"), or a path where
 * libvirt has mounted it, and from where it is detached. Returns a descriptor that the caller
 * closes; -1 and errno.
 */
int source_tree(const struct root *root, const char *source);

/* Write the 9p mount options of an export to DATA, with MORE at the end. Returns DATA. */
const char *source_ninep_options(char *data, size_t size, bool cached, const char *more);

/* The number N of SOURCE "fd:N", a descriptor that the host has passed; -1: SOURCE is another. */
int source_passed_tree(const char *source);

/*
 * Get the mount tree of a PLACED source, detached: a descriptor that the host has passed, or a
 * clone of the mounts at a path in ROOT (AT_FDCWD: in this process's root). -1 and errno.
 */
int source_placed_tree(int root, const char *source);

/* Unmount the path where libvirt has mounted a PLACED source, and remove it. -1 and errno. */
int source_detach_place(const struct root *root, const char *source);

#endif
