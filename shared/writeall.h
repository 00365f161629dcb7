/* Writing all of a buffer, however many system calls that takes. */
#ifndef LSANDBOX_WRITEALL_H
#define LSANDBOX_WRITEALL_H

#include <sys/types.h>

/* Write LENGTH bytes of DATA to FD, which blocks. 0, or -1 with errno; some may be written then. */
int write_all(int fd, const void *data, size_t length);

/* The same at the offset AT of a file, as pwrite(2). */
int write_all_at(int fd, const void *data, size_t length, off_t at);

#endif
