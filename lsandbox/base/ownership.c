/* Whether only this process's user can write a file or directory. */
#include "base/ownership.h"

#include <unistd.h>

LsbOwnership lsb_ownership_of(const char *path, mode_t type, struct stat *st)
{
    if (lstat(path, st) < 0)
        return LSB_NOT_THERE;
    if ((st->st_mode & S_IFMT) != type)
        return LSB_OF_OTHER_TYPE;
    return st->st_uid == geteuid() && !(st->st_mode & 0022) ? LSB_OURS : LSB_NOT_OURS;
}
