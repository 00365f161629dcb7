/* Clean-up on the way out of a failure: what is closed or freed here does not change errno. */
#ifndef LSANDBOX_CLOSEKEEP_H
#define LSANDBOX_CLOSEKEEP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Close FD unless it is negative, and keep errno for the caller's message. */
static inline void close_keep(int fd)
{
    int errnum = errno;

    if (fd >= 0)
        close(fd);
    errno = errnum;
}

/* free(3), which may change errno in C libraries older than glibc 2.33. */
static inline void free_keep(void *memory)
{
    int errnum = errno;

    free(memory);
    errno = errnum;
}

#endif
