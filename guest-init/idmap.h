/* The id map of the user namespace that the sandbox runs in. */
#ifndef LSANDBOX_INIT_IDMAP_H
#define LSANDBOX_INIT_IDMAP_H

#include <stdbool.h>

/*
 * Whether ids in here are other numbers, or fewer, than the kernel's own: in a container with a
 * user namespace. A kernel without user namespaces has no map.
 */
bool idmap_exists(void);

#endif
