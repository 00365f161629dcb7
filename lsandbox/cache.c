#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "error.h"
#include "paths.h"

static const char work_prefix[] = ".tmp-";
static const char info_name[] = "info";
static const char files_group[] = "files";

enum {
    /*
     * How long to wait for another maker. It ends well before that, or dies, which frees the lock;
     * only one that is stopped (job control) makes us wait so long.
     */
    LONGEST_WAIT_S = 20,
    WAIT_STEP_US = 20 * 1000, /* flock(2) has no timeout */
    KEPT_ENTRIES = 4,         /* the newest are never removed */
    UNUSED_DAYS = 30,
};

static mode_t file_mode(void)
{
    return geteuid() == 0 ? 0644 : 0600;
}

static mode_t directory_mode(void)
{
    return geteuid() == 0 ? 0755 : 0700;
}

void lsb_cache_entry_free(LsbCacheEntry *entry)
{
    g_free(entry->path);
    g_key_file_unref(entry->info);
    g_free(entry);
}

/* ---- the directory ---- */

static gboolean make_directory(const char *path, GError **error);

static gboolean make_parent(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    if (strcmp(parent, path) != 0)
        return make_directory(parent, error);
    lsb_set_errno(error, ENOENT, "cannot make the cache directory %s", path);
    return FALSE;
}

/* Make a directory and its missing parents. chmod, because the umask may keep QEMU's user out. */
static gboolean make_directory(const char *path, GError **error)
{
    int made = mkdir(path, directory_mode());
    if (made < 0 && errno == ENOENT) {
        if (!make_parent(path, error))
            return FALSE;
        made = mkdir(path, directory_mode());
    }
    if (made == 0)
        made = chmod(path, directory_mode());
    if (made == 0 || errno == EEXIST)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make the cache directory %s", path);
    return FALSE;
}

static gboolean is_ours(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/*
 * Whoever can write in the cache chooses the kernel of our machines. A symlink counts with its own
 * owner, who can point it elsewhere.
 */
static gboolean check_directory(const char *path, GError **error)
{
    struct stat link, st;
    if (lstat(path, &link) < 0 || stat(path, &st) < 0) {
        lsb_set_errno(error, errno, "cannot look at the cache directory %s", path);
        return FALSE;
    }
    if (!S_ISDIR(st.st_mode)) {
        lsb_set_errno(error, ENOTDIR, "the cache directory %s", path);
        return FALSE;
    }
    if (!is_ours(&link) || !is_ours(&st))
        return lsb_fail(
            error, NO_PERMISSION,
            "the cache directory %s belongs to another user (uid %u); remove it, or set "
            "LSANDBOX_CACHE to a directory of your own",
            path, (unsigned)(is_ours(&link) ? st.st_uid : link.st_uid));
    if (st.st_mode & 0022)
        return lsb_fail(error, NO_PERMISSION,
                        "other users can write in the cache directory %s; run \"chmod go-w %s\" if "
                        "you trust what is in it, else remove it",
                        path, path);
    return TRUE;
}

char *lsb_cache_open(const char *cache_dir, const char *kind, GError **error)
{
    g_autofree char *base = g_canonicalize_filename(cache_dir, NULL);
    g_autofree char *dir = g_build_filename(base, kind, NULL);
    if (!make_directory(base, error) || !check_directory(base, error) ||
        !make_directory(dir, error) || !check_directory(dir, error))
        return NULL;
    return g_steal_pointer(&dir);
}

/* ---- looking ---- */

static GKeyFile *read_info(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, info_name, NULL);
    g_autoptr(GKeyFile) info = g_key_file_new();
    return g_key_file_load_from_file(info, path, G_KEY_FILE_NONE, NULL) ? g_steal_pointer(&info)
                                                                        : NULL;
}

static gboolean file_is_whole(const char *entry, GKeyFile *info, const char *name)
{
    struct stat st;
    g_autofree char *path = g_build_filename(entry, name, NULL);
    g_autoptr(GError) error = NULL;
    guint64 size = g_key_file_get_uint64(info, files_group, name, &error);
    return !error && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (guint64)st.st_size == size;
}

static gboolean is_whole(const char *entry, GKeyFile *info)
{
    g_auto(GStrv) names = g_key_file_get_keys(info, files_group, NULL, NULL);
    for (char **name = names; name && *name; name++)
        if (!file_is_whole(entry, info, *name))
            return FALSE;
    return names && *names;
}

/* When an entry was last used is the time of its info file; the others' times do not change. */
static void mark_used(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, info_name, NULL);
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

/* ---- the work directory ---- */

static gboolean still_there(const char *path, int fd)
{
    struct stat named, held;
    return stat(path, &named) == 0 && fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
           named.st_ino == held.st_ino;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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
    char *path = g_strconcat(dir, "/", work_prefix, "XXXXXX", NULL);
    if (!g_mkdtemp(path)) {
        lsb_set_errno(error, errno, "cannot write in the cache directory %s", dir);
        return g_free(path), NULL;
    }
    cleanup_fd int opened = open_directory(path);
    if (opened >= 0) {
        lock_work(opened);
        if (still_there(path, opened) && fchmod(opened, directory_mode()) == 0)
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
        if (g_str_has_prefix(name, work_prefix))
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

/* ---- publishing ---- */

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
    g_key_file_set_uint64(info, files_group, name, st.st_size);
    return TRUE;
}

static gboolean write_info(const char *work, GKeyFile *info, GError **error)
{
    gsize size;
    g_autofree char *text = g_key_file_to_data(info, &size, NULL);
    cleanup_fd int fd = lsb_cache_file_new(work, info_name, error);
    if (fd < 0)
        return FALSE;
    if (write(fd, text, size) == (ssize_t)size && fsync(fd) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot write %s/%s", work, info_name);
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

static gboolean make_entry(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                           GError **error)
{
    cleanup_fd int fd = -1;
    g_autofree char *work = work_new(dir, &fd, error);
    g_autoptr(GKeyFile) info = g_key_file_new();
    if (!work)
        return FALSE;
    if (fill(work, info, data, error) && seal(work, fd, info, error) &&
        publish(dir, key, work, error))
        return TRUE;
    lsb_path_remove_tree(work);
    return FALSE;
}

static void sync_directory(const char *path)
{
    cleanup_fd int fd = open_directory(path);
    if (fd >= 0)
        fsync(fd);
}

/* ---- removing what is old ---- */

typedef struct {
    char *path;
    gint64 used; /* seconds since the epoch; 0 when it has no info file */
} Use;

static void use_free(Use *use)
{
    g_free(use->path);
    g_free(use);
}

static gint64 last_use(const char *entry)
{
    struct stat st;
    g_autofree char *path = g_build_filename(entry, info_name, NULL);
    return lstat(path, &st) == 0 ? st.st_mtime : 0;
}

static int compare_uses(gconstpointer a, gconstpointer b)
{
    const Use *x = *(const Use *const *)a, *y = *(const Use *const *)b;
    return (x->used < y->used) - (x->used > y->used);
}

static GPtrArray *uses_newest_first(const char *dir)
{
    const char *name;
    GPtrArray *uses = g_ptr_array_new_with_free_func((GDestroyNotify)use_free);
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (*name == '.' || !g_file_test(path, G_FILE_TEST_IS_DIR))
            continue;
        Use *use = g_new(Use, 1);
        use->used = last_use(path);
        use->path = g_steal_pointer(&path);
        g_ptr_array_add(uses, use);
    }
    g_ptr_array_sort(uses, compare_uses);
    return uses;
}

/*
 * Remove an entry: first out of its place, so that nobody finds half of it. Someone who marked it
 * as used in between gets it back. A machine that already has the files open keeps them.
 */
static void retire(const char *dir, const Use *use)
{
    g_autofree char *name = g_path_get_basename(use->path);
    g_autofree char *aside = g_strconcat(dir, "/", work_prefix, name, NULL);
    if (rename(use->path, aside) < 0)
        return;
    if (last_use(aside) != use->used && rename(aside, use->path) == 0)
        return;
    lsb_path_remove_tree(aside);
}

static guint64 size_of(const char *path)
{
    const char *name;
    guint64 size = 0;
    g_autoptr(GDir) open = g_dir_open(path, 0, NULL);
    while (open && (name = g_dir_read_name(open))) {
        struct stat st;
        g_autofree char *file = g_build_filename(path, name, NULL);
        if (lstat(file, &st) == 0)
            size += (guint64)st.st_blocks * 512;
    }
    return size;
}

void lsb_cache_trim(const char *dir, guint64 budget)
{
    guint64 sum = 0;
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    for (guint i = 0; i < uses->len; i++) {
        const Use *use = uses->pdata[i];
        sum += size_of(use->path);
        if (sum > budget)
            retire(dir, use);
    }
}

gboolean lsb_cache_remove(const char *dir, const char *key)
{
    Use use = {.path = g_build_filename(dir, key, NULL)};
    use.used = last_use(use.path);
    struct stat st;
    gboolean there = lstat(use.path, &st) == 0;
    if (there)
        retire(dir, &use);
    g_free(use.path);
    return there;
}

char **lsb_cache_keys(const char *dir)
{
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    g_autoptr(GStrvBuilder) keys = g_strv_builder_new();
    for (guint i = 0; i < uses->len; i++) {
        g_autofree char *key = g_path_get_basename(((const Use *)uses->pdata[i])->path);
        g_strv_builder_add(keys, key);
    }
    return g_strv_builder_end(keys);
}

static void retire_unused(const char *dir)
{
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    gint64 oldest = g_get_real_time() / G_USEC_PER_SEC - UNUSED_DAYS * 24 * 3600;
    for (guint i = KEPT_ENTRIES; i < uses->len; i++)
        if (((const Use *)uses->pdata[i])->used < oldest)
            retire(dir, uses->pdata[i]);
}

/* ---- making ---- */

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
    if (!make_entry(dir, key, fill, data, error))
        return NULL;
    sync_directory(dir);
    retire_unused(dir);
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
    if (!make_entry(dir, key, fill, data, error))
        return FALSE;
    sync_directory(dir);
    return TRUE;
}
