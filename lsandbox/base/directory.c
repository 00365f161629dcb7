/* Makes directories; chmod(2) undoes the umask, which may shut out QEMU's user or let others in. */
#include "base/directory.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

int lsb_directory_make(const char *path, mode_t mode)
{
    return mkdir(path, mode) < 0 ? -1 : chmod(path, mode);
}

static int make_directories_above(const char *path, mode_t mode)
{
    g_autofree char *parent = g_path_get_dirname(path);
    if (strcmp(parent, path) != 0)
        return lsb_directory_make_all(parent, mode);
    errno = ENOENT;
    return -1;
}

int lsb_directory_make_all(const char *path, mode_t mode)
{
    int made = lsb_directory_make(path, mode);
    if (made < 0 && errno == ENOENT)
        made = make_directories_above(path, mode) < 0 ? -1 : lsb_directory_make(path, mode);
    return made < 0 && errno == EEXIST ? 0 : made;
}
