/* The cache's directories: made where they are missing, and refused where others can write. */
#include "bootimage/cachedirectory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/error.h"
#include "bootimage/cache_private.h"

mode_t lsb_cache_directory_mode(void)
{
    return geteuid() == 0 ? 0755 : 0700;
}

static gboolean make_cache_directory(const char *path, GError **error)
{
    if (lsb_directory_make_all(path, lsb_cache_directory_mode()) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make the cache directory %s", path);
    return FALSE;
}

static gboolean is_roots_or_own(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/*
 * Refuse a directory in which another user can write, because that user would choose the kernel of
 * this user's machines. The owner of a symlink counts as well, who can point it elsewhere.
 */
static gboolean check_cache_directory(const char *path, GError **error)
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
    if (!is_roots_or_own(&link) || !is_roots_or_own(&st))
        return lsb_fail(
            error, NO_PERMISSION,
            "the cache directory %s belongs to another user (uid %u); remove it, or set "
            "LSANDBOX_CACHE to a directory of your own",
            path, (unsigned)(is_roots_or_own(&link) ? st.st_uid : link.st_uid));
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
    if (!make_cache_directory(base, error) || !check_cache_directory(base, error) ||
        !make_cache_directory(dir, error) || !check_cache_directory(dir, error))
        return NULL;
    return g_steal_pointer(&dir);
}
