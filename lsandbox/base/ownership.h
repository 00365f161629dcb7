/* Whether what lies at a path is ours alone, before anything of it is believed. */
#ifndef LSANDBOX_BASE_OWNERSHIP_H
#define LSANDBOX_BASE_OWNERSHIP_H

#include <sys/stat.h>
#include <sys/types.h>

typedef enum {
    LSB_OURS,          /* our user's, and nobody else may write it */
    LSB_NOT_THERE,     /* errno says why it cannot be looked at */
    LSB_OF_OTHER_TYPE, /* a symlink is that, too: it is not followed */
    LSB_NOT_OURS,
} LsbOwnership;

/* TYPE: S_IFREG or S_IFDIR. ST gets what is there, unless nothing is. */
LsbOwnership lsb_ownership_of(const char *path, mode_t type, struct stat *st);

#endif
