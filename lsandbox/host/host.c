/* What one process has on its host: run directory, cache directory, keeper. */
#include "host/host.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/error.h"
#include "base/paths.h"
#include "host/keeper.h"

static GMutex lock;
static LsbHostState *current;

static gboolean make_cache(const char *path, GError **error)
{
    /* When root starts QEMU, it runs as another user, and reads the boot image here. */
    if (lsb_directory_make_all(path, geteuid() == 0 ? 0755 : 0700) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make the cache directory %s (LSANDBOX_CACHE names another)",
                  path);
    return FALSE;
}

static LsbHostState *host_new(GError **error)
{
    g_autofree char *cache = lsb_path_cache();
    if (!make_cache(cache, error))
        return NULL;
    g_autofree char *run = lsb_path_run_dir_new(error);
    if (!run)
        return NULL;
    LsbKeeper *keeper = lsb_keeper_new(run, error);
    if (!keeper) {
        lsb_path_remove_tree(run);
        return NULL;
    }
    LsbHostState *host = g_new0(LsbHostState, 1);
    host->run_dir = g_steal_pointer(&run);
    host->cache_dir = g_steal_pointer(&cache);
    host->keeper = keeper;
    host->pid = getpid();
    return host;
}

/*
 * At exit, remove the run directory, so that it is gone when this process is. Hanging up then makes
 * the keeper kill what still runs.
 */
static void clean_up(void)
{
    if (!current || current->pid != getpid())
        return;
    lsb_keeper_free(g_steal_pointer(&current->keeper));
}

LsbHostState *lsb_host_get(GError **error)
{
    static gboolean registered;
    g_mutex_lock(&lock);
    if (current && current->pid != getpid())
        current = NULL; /* the parent's: a forked child must neither use nor free it */
    if (!current)
        current = host_new(error);
    if (current && !registered)
        registered = atexit(clean_up) == 0;
    LsbHostState *host = current;
    g_mutex_unlock(&lock);
    return host;
}

char *lsb_host_make_dir(LsbHostState *host, GError **error)
{
    g_mutex_lock(&lock);
    int n = host->next_dir++;
    g_mutex_unlock(&lock);
    g_autofree char *dir = g_strdup_printf("%s/%d", host->run_dir, n);
    if (lsb_directory_make(dir, geteuid() == 0 ? 0711 : 0700) < 0) {
        lsb_set_errno(error, errno, "cannot make %s", dir);
        return NULL;
    }
    return g_steal_pointer(&dir);
}
