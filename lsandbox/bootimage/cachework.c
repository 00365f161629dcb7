#include "bootimage/cache_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/paths.h"

static mode_t file_mode(void)
{
    return geteuid() == 0 ? 0644 : 0600;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static gboolean still_there(const char *path, int fd)
{
    struct stat named, held;
    return stat(path, &named) == 0 && fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
           named.st_ino == held.st_ino;
}

/* Waits only for a sweep to end. Where nothing can be locked (some network filesystems) none is. */
static void lock_work(int fd)
{
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
}

/*
 * One try to make a work directory and lock it. Between the two a sweep may take it for a dead
 * maker's and remove it; then *FD is -1 and another try is due.
 */
static char *try_work(const char *dir, int *fd, GError **error)
{
    char *path = g_strconcat(dir, "/", LSB_CACHE_WORK_PREFIX, "XXXXXX", NULL);
    if (!g_mkdtemp(path)) {
        lsb_set_errno(error, errno, "cannot write in the cache directory %s", dir);
        return g_free(path), NULL;
    }
    cleanup_fd int opened = open_directory(path);
    if (opened >= 0) {
        lock_work(opened);
        if (still_there(path, opened) && fchmod(opened, lsb_cache_directory_mode()) == 0)
            *fd = steal_fd(&opened);
    }
    return path;
}

static char *work_new(const char *dir, int *fd, GError **error)
{
    enum { TRIES = 16 };
    *fd = -1;
    for (int i = 0; i < TRIES; i++) {
        g_autofree char *path = try_work(dir, fd, error);
        if (!path || *fd >= 0)
            return g_steal_pointer(&path);
    }
    lsb_fail(error, FAILED, "cannot keep a work directory in %s", dir);
    return NULL;
}

/* Remove a work directory unless its maker is alive, and so holds the lock. */
static void sweep_one(const char *path)
{
    cleanup_fd int fd = open_directory(path);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        lsb_path_remove_tree(path);
}

void lsb_cache_sweep(const char *dir)
{
    const char *name;
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (g_str_has_prefix(name, LSB_CACHE_WORK_PREFIX))
            sweep_one(path);
    }
}

int lsb_cache_file_new(const char *work, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(work, name, NULL);
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, file_mode()) < 0) {
        lsb_set_errno(error, errno, "cannot make %s", path);
        return -1;
    }
    return steal_fd(&fd);
}

/* --- publishing --------------------------------------------------------------------------------
 */

/* Note a file's size, once its bytes are safe on the disk. */
static gboolean seal_file(const char *work, const char *name, GKeyFile *info, GError **error)
{
    struct stat st;
    g_autofree char *path = g_build_filename(work, name, NULL);
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0 || fstat(fd, &st) < 0) {
        lsb_set_errno(error, errno, "cannot write %s", path);
        return FALSE;
    }
    g_key_file_set_uint64(info, LSB_CACHE_FILES, name, st.st_size);
    return TRUE;
}

static gboolean write_info(const char *work, GKeyFile *info, GError **error)
{
    gsize size;
    g_autofree char *text = g_key_file_to_data(info, &size, NULL);
    cleanup_fd int fd = lsb_cache_file_new(work, LSB_CACHE_INFO, error);
    if (fd < 0)
        return FALSE;
    if (write(fd, text, size) == (ssize_t)size && fsync(fd) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot write %s/%s", work, LSB_CACHE_INFO);
    return FALSE;
}

static gboolean seal(const char *work, int fd, GKeyFile *info, GError **error)
{
    const char *name;
    g_autoptr(GDir) open = g_dir_open(work, 0, error);
    if (!open)
        return FALSE;
    while ((name = g_dir_read_name(open)))
        if (!seal_file(work, name, info, error))
            return FALSE;
    fsync(fd);
    return write_info(work, info, error);
}

/*
 * Put the work directory in the place of a damaged entry. Swapped, there is no moment without an
 * entry; some filesystems (NFS) cannot do that, and get two steps. What was there is removed.
 */
static gboolean replace(const char *work, const char *entry, GError **error)
{
    g_autofree char *aside = g_strconcat(work, ".old", NULL);
    if (renameat2(AT_FDCWD, work, AT_FDCWD, entry, RENAME_EXCHANGE) == 0) {
        lsb_path_remove_tree(work);
        return TRUE;
    }
    gboolean done = rename(entry, aside) == 0 && rename(work, entry) == 0;
    if (!done)
        lsb_set_errno(error, errno, "cannot replace the damaged cache entry %s", entry);
    lsb_path_remove_tree(aside);
    return done;
}

static gboolean publish(const char *dir, const char *key, const char *work, GError **error)
{
    g_autofree char *entry = g_build_filename(dir, key, NULL);
    if (rename(work, entry) == 0)
        return TRUE;
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
        lsb_set_errno(error, errno, "cannot publish the cache entry %s", entry);
        return FALSE;
    }
    g_autoptr(LsbCacheEntry) winner = lsb_cache_lookup(dir, key);
    if (!winner)
        return replace(work, entry, error);
    lsb_path_remove_tree(work);
    return TRUE;
}

static void sync_directory(const char *path)
{
    cleanup_fd int fd = open_directory(path);
    if (fd >= 0)
        fsync(fd);
}

gboolean lsb_cache_make_entry(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                              GError **error)
{
    cleanup_fd int fd = -1;
    g_autofree char *work = work_new(dir, &fd, error);
    g_autoptr(GKeyFile) info = g_key_file_new();
    if (!work)
        return FALSE;
    if (fill(work, info, data, error) && seal(work, fd, info, error) &&
        publish(dir, key, work, error)) {
        sync_directory(dir);
        return TRUE;
    }
    lsb_path_remove_tree(work);
    return FALSE;
}
