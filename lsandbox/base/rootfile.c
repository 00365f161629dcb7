/* Files of a root file system that lies in a directory of the host. */
#include "base/rootfile.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/*
 * Open PATH in ROOT by O_PATH, which opens no device and waits for no pipe. For the host's own root
 * this needs no openat2(2), which sandboxes for lsandbox itself may refuse.
 */
static int open_by_path(const char *root, const char *path, int flags)
{
    struct open_how how = {.flags = (guint64)(O_PATH | O_CLOEXEC | flags),
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    cleanup_fd int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    path += strspn(path, "/");
    if (dir < 0 || strcmp(root, "/") == 0)
        return dir < 0 ? -1 : openat(dir, path, O_PATH | O_CLOEXEC | flags);
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static gboolean is_type(int fd, mode_t type, struct stat *st)
{
    return fd >= 0 && fstat(fd, st) == 0 && (st->st_mode & S_IFMT) == type;
}

gboolean lsb_rootfile_is(const char *root, const char *path, mode_t type)
{
    struct stat st;
    cleanup_fd int fd = open_by_path(root, path, 0);
    return is_type(fd, type, &st);
}

char *lsb_rootfile_link(const char *root, const char *path)
{
    char text[PATH_MAX];
    cleanup_fd int fd = open_by_path(root, path, O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof text);
    return n < 0 ? NULL : g_strndup(text, (gsize)n);
}

/* Read FD to its end. NULL: it has more than MOST bytes, or reading fails. */
static GByteArray *read_at_most(int fd, gsize most)
{
    guint8 piece[16384];
    ssize_t n = 0;
    GByteArray *bytes = g_byte_array_new();
    while (bytes->len <= most && (n = read(fd, piece, sizeof piece)) > 0)
        g_byte_array_append(bytes, piece, (guint)n);
    if (n == 0 && bytes->len <= most)
        return bytes;
    g_byte_array_unref(bytes);
    return NULL;
}

char *lsb_rootfile_read(const char *root, const char *path, gsize most, gsize *length)
{
    struct stat st;
    cleanup_fd int place = open_by_path(root, path, 0);
    if (!is_type(place, S_IFREG, &st) || (guint64)st.st_size > most)
        return NULL;
    g_autofree char *again = g_strdup_printf("/proc/self/fd/%d", place);
    cleanup_fd int fd = open(again, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    GByteArray *bytes = fd < 0 ? NULL : read_at_most(fd, most);
    if (!bytes)
        return NULL;
    *length = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(bytes, FALSE);
}
