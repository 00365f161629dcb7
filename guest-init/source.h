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

#endif
