/* A mark of a file that changes whenever its content does. */
#include "base/filemark.h"

char *lsb_file_mark(const char *name, const struct stat *st)
{
    return g_strdup_printf("%s %llu %llu %lld.%09ld %lld.%09ld\n", name,
                           (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
                           (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
                           (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}
