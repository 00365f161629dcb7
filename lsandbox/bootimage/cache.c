#include "bootimage/cache_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
    /*
     * How long to wait for another maker. It ends well before that, or dies, which frees the lock;
     * only one that is stopped (job control) makes us wait so long.
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

static GKeyFile *read_info(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, LSB_CACHE_INFO, NULL);
    g_autoptr(GKeyFile) info = g_key_file_new();
    return g_key_file_load_from_file(info, path, G_KEY_FILE_NONE, NULL) ? g_steal_pointer(&info)
                                                                        : NULL;
}

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

/* When an entry was last used is the time of its info file; the others' times do not change. */
static void mark_used(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, LSB_CACHE_INFO, NULL);
    utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

LsbCacheEntry *lsb_cache_peek(const char *dir, const char *key)
{
    g_autofree char *path = g_build_filename(dir, key, NULL);
    g_autoptr(GKeyFile) info = read_info(path);
    if (!info || !is_whole(path, info))
        return NULL;
    LsbCacheEntry *entry = g_new(LsbCacheEntry, 1);
    entry->path = g_steal_pointer(&path);
    entry->info = g_steal_pointer(&info);
    return entry;
}

/* Marks first and looks second: an entry about to be removed is then kept, or seen as missing. */
LsbCacheEntry *lsb_cache_lookup(const char *dir, const char *key)
{
    g_autofree char *path = g_build_filename(dir, key, NULL);
    mark_used(path);
    return lsb_cache_peek(dir, key);
}

/*
 * Wait for our turn to make an entry. Only so that many processes at once do not all do the same
 * dear work; publishing is safe without. Returns the descriptor that holds the lock, or -1.
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
    g_autoptr(LsbCacheEntry) made = lsb_cache_peek(dir, key); /* since the caller has looked */
    if (made)
        return TRUE;
    lsb_cache_sweep(dir);
    return lsb_cache_make_entry(dir, key, fill, data, error);
}
