/* Scope-bound descriptors, for C that GLib has no type for. */
#ifndef LSANDBOX_BASE_CLEANUP_H
#define LSANDBOX_BASE_CLEANUP_H

#include <unistd.h>

static inline void cleanup_fd_(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Close the descriptor when the scope ends. */
#define cleanup_fd __attribute__((cleanup(cleanup_fd_)))

static inline int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#endif
