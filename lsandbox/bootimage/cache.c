/* The cache: looking entries up, making them in a work directory, and putting them in place. */
#include "bootimage/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/paths.h"
#include "bootimage/cache_private.h"
#include "bootimage/cachedirectory.h"
#include "bootimage/cacheeviction.h"

enum {
    /*
     * How long to wait for another maker. A maker finishes well before that, or dies, and the
     * kernel then drops its lock. Only a stopped process (job control) holds the lock so long.
     */
    LONGEST_WAIT_S = 20,
    WAIT_STEP_US = 20 * 1000, /* flock(2) has no timeout */
};

void lsb_cache_entry_free(LsbCacheEntry *entry)
{
    g_free(entry->path);
    g_key_file_unref(entry->info);
    g_free(entry);
}

static GKeyFile *read_cache_info(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, LSB_CACHE_INFO, NULL);
    g_autoptr(GKeyFile) info = g_key_file_new();
    return g_key_file_load_from_file(info, path, G_KEY_FILE_NONE, NULL) ? g_steal_pointer(&info)
                                                                        : NULL;
}

/* Whether the file NAME has the size that the entry's info file says. */
static gboolean file_is_whole(const char *entry, GKeyFile *info, const char *name)
{
    struct stat st;
    g_autofree char *path = g_build_filename(entry, name, NULL);
    g_autoptr(GError) error = NULL;
    guint64 size = g_key_file_get_uint64(info, LSB_CACHE_FILES, name, &error);
    return !error && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (guint64)st.st_size == size;
}

static gboolean is_whole(const char *entry, GKeyFile *info)
{
    g_auto(GStrv) names = g_key_file_get_keys(info, LSB_CACHE_FILES, NULL, NULL);
    for (char **name = names; name && *name; name++)
        if (!file_is_whole(entry, info, *name))
            return FALSE;
    return names && *names;
}

/* The time of its info file says when an entry was last used. */
static void mark_used(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, LSB_CACHE_INFO, NULL);
    utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

LsbCacheEntry *lsb_cache_peek(const char *dir, const char *key)
{
    g_autofree char *path = g_build_filename(dir, key, NULL);
    g_autoptr(GKeyFile) info = read_cache_info(path);
    if (!info || !is_whole(path, info))
        return NULL;
    LsbCacheEntry *entry = g_new(LsbCacheEntry, 1);
    entry->path = g_steal_pointer(&path);
    entry->info = g_steal_pointer(&info);
    return entry;
}

/* Mark first and look second, so that an entry that is being removed is kept or seen as missing. */
LsbCacheEntry *lsb_cache_lookup(const char *dir, const char *key)
{
    g_autofree char *path = g_build_filename(dir, key, NULL);
    mark_used(path);
    return lsb_cache_peek(dir, key);
}

/*
 * Wait for this process's turn to make an entry, so that many processes do not do the same long
 * work at once; publishing an entry is safe without. Returns the descriptor that holds the lock, or
 * -1 if another process still holds it after SECONDS.
 */
static int wait_turn(const char *dir, int seconds)
{
    g_autofree char *path = g_build_filename(dir, "lock", NULL);
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    gint64 end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || g_get_monotonic_time() >= end)
            return -1;
        g_usleep(WAIT_STEP_US);
    }
    return steal_fd(&fd);
}

LsbCacheEntry *lsb_cache_get(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                             GError **error)
{
    LsbCacheEntry *entry = lsb_cache_lookup(dir, key);
    if (entry)
        return entry;
    cleanup_fd int turn = wait_turn(dir, LONGEST_WAIT_S);
    if ((entry = lsb_cache_lookup(dir, key)))
        return entry;
    lsb_cache_sweep(dir);
    if (!lsb_cache_make_entry(dir, key, fill, data, error))
        return NULL;
    lsb_cache_retire_unused(dir);
    if (!(entry = lsb_cache_lookup(dir, key)))
        lsb_fail(error, FAILED, "the cache entry %s/%s vanished as soon as it was made", dir, key);
    return entry;
}

gboolean lsb_cache_make(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                        GError **error)
{
    cleanup_fd int turn = wait_turn(dir, 0);
    if (turn < 0)
        return lsb_fail(error, STATE, "another process is making one");
    g_autoptr(LsbCacheEntry) made = lsb_cache_peek(dir, key); /* by another process */
    if (made)
        return TRUE;
    lsb_cache_sweep(dir);
    return lsb_cache_make_entry(dir, key, fill, data, error);
}

/* --- making an entry --- */

static mode_t file_mode(void)
{
    return geteuid() == 0 ? 0644 : 0600;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether PATH is still the directory that is open as FD. */
static gboolean still_there(const char *path, int fd)
{
    struct stat named, held;
    return stat(path, &named) == 0 && fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
           named.st_ino == held.st_ino;
}

/*
 * Lock a work directory. Only a sweep can hold the lock, and only for a moment. Where the
 * filesystem has no locks (some network filesystems), the directory stays unlocked.
 */
static void lock_work(int fd)
{
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
}

/*
 * Try once to make a work directory and to lock it. Between the two a sweep may take the directory
 * for one of a dead maker and remove it: *FD is then left at -1, and the caller tries again.
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

static char *cache_work_new(const char *dir, int *fd, GError **error)
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

/* Remove a work directory unless its maker is alive, because a living maker holds the lock. */
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

/* --- publishing --- */

/* Put the size of a file into INFO, once its bytes are safe on the disk. */
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

static gboolean write_cache_info(const char *work, GKeyFile *info, GError **error)
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
    return write_cache_info(work, info, error);
}

/*
 * Put the work directory in the place of a damaged entry, which is removed. The two are exchanged,
 * so that there is no moment without an entry. Some filesystems (NFS) cannot exchange directories:
 * there it takes two renames.
 */
static gboolean replace_entry(const char *work, const char *entry, GError **error)
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

/* Put the work directory in its place, unless another maker was first. */
static gboolean publish_entry(const char *dir, const char *key, const char *work, GError **error)
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
        return replace_entry(work, entry, error);
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
    g_autofree char *work = cache_work_new(dir, &fd, error);
    g_autoptr(GKeyFile) info = g_key_file_new();
    if (!work)
        return FALSE;
    if (fill(work, info, data, error) && seal(work, fd, info, error) &&
        publish_entry(dir, key, work, error)) {
        sync_directory(dir);
        return TRUE;
    }
    lsb_path_remove_tree(work);
    return FALSE;
}
