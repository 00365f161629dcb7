/* Writing all of a buffer: goes on after a short write, and after a signal (EINTR). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "writeall.h"

#include <errno.h>
#include <unistd.h>

/* What a call that returned N leaves: 0, or -1 with errno where it is not worth another one. */
static int count_written(ssize_t n, const char **data, size_t *left)
{
    if (n == 0)
        errno = EIO; /* write(2) promises no progress then, so do not try for ever */
    if (n <= 0)
        return n < 0 && errno == EINTR ? 0 : -1;
    *data += n;
    *left -= (size_t)n;
    return 0;
}

int write_all(int fd, const void *data, size_t length)
{
    const char *from = data;
    int result = 0;
    while (length > 0 && result == 0)
        result = count_written(write(fd, from, length), &from, &length);
    return result;
}

int write_all_at(int fd, const void *data, size_t length, off_t at)
{
    const char *from = data;
    int result = 0;
    while (length > 0 && result == 0)
        result = count_written(pwrite(fd, from, length, at + (from - (const char *)data)), &from,
                               &length);
    return result;
}
