/*
 * Whether only this process's user can write a file or directory. Callers ask this before they
 * trust its content.
 */
#ifndef LSANDBOX_BASE_OWNERSHIP_H
#define LSANDBOX_BASE_OWNERSHIP_H

#include <sys/stat.h>
#include <sys/types.h>

typedef enum {
    LSB_OURS,          /* this user owns it, and its mode lets nobody else write */
    LSB_NOT_THERE,     /* lstat() failed; errno says why */
    LSB_OF_OTHER_TYPE, /* also a symlink, because it is not followed */
    LSB_NOT_OURS,      /* another user owns it or may write it */
} LsbOwnership;

/* Look at PATH, which should be of TYPE (S_IFREG, S_IFDIR). ST is set except for LSB_NOT_THERE. */
LsbOwnership lsb_ownership_of(const char *path, mode_t type, struct stat *st);

#endif
