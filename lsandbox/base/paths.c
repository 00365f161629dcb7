/* The paths of the helper programs, the cache, the run directory and the scratch directories. */
#include "base/paths.h"

#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/error.h"
#include "base/ownership.h"

#ifndef LSANDBOX_LIBEXECDIR
#define LSANDBOX_LIBEXECDIR "/usr/local/libexec/lsandbox"
#endif

/*
 * A unix socket's path has at most 108 bytes (unix(7)). libvirt makes
 * "/e/lib/qemu/domain-N-NAME/monitor.sock" below the run directory, with NAME cut to 20 bytes,
 * which takes 52.
 */
enum { LONGEST_RUN_DIR = 108 - 52 - 1 };

/* The directory of the shared object or program that this code is in; NULL: unknown. */
static char *own_directory(void)
{
    Dl_info info;
    if (!dladdr((void *)own_directory, &info) || !info.dli_fname)
        return NULL;
    /* For a program dli_fname is argv[0], which is a path only if it has a slash. */
    g_autofree char *file = strchr(info.dli_fname, '/') ? realpath(info.dli_fname, NULL) : NULL;
    if (!file)
        file = realpath("/proc/self/exe", NULL);
    return file ? g_path_get_dirname(file) : NULL;
}

char *lsb_path_helper(const char *name, GError **error)
{
    g_autofree char *own = own_directory();
    const char *const places[] = {g_getenv("LSANDBOX_LIBEXEC"), own, LSANDBOX_LIBEXECDIR};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = places[i] ? g_build_filename(places[i], name, NULL) : NULL;
        if (path && access(path, X_OK) == 0)
            return g_canonicalize_filename(path, NULL);
    }
    g_set_error(error, LSB_ERROR, LSB_ERROR_NOT_FOUND,
                "%s: not found beside the module nor in %s; run \"make install\", or set "
                "LSANDBOX_LIBEXEC to the directory that holds it",
                name, LSANDBOX_LIBEXECDIR);
    return NULL;
}

char *lsb_path_cache(void)
{
    const char *set = g_getenv("LSANDBOX_CACHE");
    if (set && g_path_is_absolute(set))
        return g_strdup(set);
    if (geteuid() == 0)
        return g_strdup("/var/cache/lsandbox");
    return g_build_filename(g_get_user_cache_dir(), "lsandbox", NULL);
}

static mode_t run_dir_mode(void)
{
    return geteuid() == 0 ? 0711 : 0700;
}

static gboolean may_all_pass(const char *dir)
{
    struct stat st;
    return stat(dir, &st) == 0 && st.st_mode & S_IXOTH;
}

/* Whether every user may pass through PATH and the directories above it. */
static gboolean is_open_to_all(const char *path)
{
    char *real = realpath(path, NULL);
    g_autofree char *dir = g_strdup(real);
    free(real);
    while (dir && may_all_pass(dir) && strcmp(dir, "/") != 0) {
        char *parent = g_path_get_dirname(dir);
        g_free(dir);
        dir = parent;
    }
    return dir && may_all_pass(dir);
}

/*
 * Make the directory BASE. One that is there already must be this user's alone to write. When root
 * starts a sandbox, a container and QEMU's user must be able to pass through.
 */
static gboolean own_base(const char *base)
{
    struct stat st;
    g_autofree char *parent = g_path_get_dirname(base);
    if (geteuid() == 0 && !is_open_to_all(parent))
        return FALSE;
    if (lsb_directory_make(base, run_dir_mode()) < 0 && errno != EEXIST)
        return FALSE;
    return lsb_ownership_of(base, S_IFDIR, &st) == LSB_OURS &&
           (geteuid() != 0 || may_all_pass(base));
}

static char *preferred_base(void)
{
    const char *named = g_getenv("LSANDBOX_RUN"), *runtime = g_getenv("XDG_RUNTIME_DIR");
    if (named && g_path_is_absolute(named))
        return g_strdup(named);
    if (geteuid() == 0)
        return g_strdup("/run/lsandbox");
    return runtime && g_path_is_absolute(runtime) ? g_build_filename(runtime, "lsandbox", NULL)
                                                  : NULL;
}

static char *run_base(void)
{
    g_autofree char *preferred = preferred_base();
    if (preferred && own_base(preferred))
        return g_steal_pointer(&preferred);
    char *fallback = g_strdup_printf("/tmp/lsandbox-%u", (unsigned)geteuid());
    if (own_base(fallback))
        return fallback;
    g_free(fallback);
    return NULL;
}

char *lsb_path_run_dir_new(GError **error)
{
    g_autofree char *base = run_base();
    if (base && strlen(base) + strlen("/XXXXXX") > LONGEST_RUN_DIR) {
        g_free(base);
        base = g_strdup("/tmp");
    }
    g_autofree char *dir = g_strconcat(base ? base : "/tmp", "/XXXXXX", NULL);
    if (!g_mkdtemp_full(dir, run_dir_mode()) || chmod(dir, run_dir_mode()) < 0) {
        lsb_set_errno(error, errno, "cannot make a run directory %s", dir);
        return NULL;
    }
    return g_steal_pointer(&dir);
}

static int remove_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    remove(path);
    return 0;
}

void lsb_path_remove_tree(const char *path)
{
    nftw(path, remove_path, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

char *lsb_path_scratch(const char *uuid)
{
    const char *set = g_getenv("TMPDIR");
    return g_strdup_printf("%s/lsandbox-%s", set && g_path_is_absolute(set) ? set : "/var/tmp",
                           uuid);
}
