/* Descriptors that are closed when their scope ends, with no effect on errno. */
#ifndef LSANDBOX_BASE_CLEANUP_H
#define LSANDBOX_BASE_CLEANUP_H

#include "shared/closekeep.h"

static inline void cleanup_fd_(int *fd)
{
    close_keep(*fd);
}

/* An attribute of an int: a descriptor, or a negative number for none. */
#define cleanup_fd __attribute__((cleanup(cleanup_fd_)))

/* Take the descriptor out of such a variable, so that it stays open. */
static inline int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#endif
