/* Where things are: our helper programs, the cache, the private run directory of this process. */
#ifndef LSANDBOX_BASE_PATHS_H
#define LSANDBOX_BASE_PATHS_H

#include <glib.h>

/*
 * The absolute path of a helper (NAME like "lsandbox-init"): $LSANDBOX_LIBEXEC, then beside the
 * file this code was loaded from (a build tree), then the installed place. Error:
 * LSB_ERROR_NOT_FOUND.
 */
char *lsb_path_helper(const char *name, GError **error);

/*
 * The cache directory, not yet made: $LSANDBOX_CACHE, else for root /var/cache/lsandbox (QEMU runs
 * as another user and must reach it), else XDG_CACHE_HOME/lsandbox. Caller frees.
 */
char *lsb_path_cache(void);

/*
 * Make this process's private run directory, mode 0700 (0711 for root: QEMU's user passes through),
 * short enough for the unix sockets libvirt makes in it: below $LSANDBOX_RUN, else /run/lsandbox
 * for root, XDG_RUNTIME_DIR/lsandbox for others, else /tmp. Caller frees the path and removes the
 * directory.
 */
char *lsb_path_run_dir_new(GError **error);

/*
 * A place for what is large and lives with a sandbox of that UUID, not made: in TMPDIR, else
 * /var/tmp. Caller frees.
 */
char *lsb_path_scratch(const char *uuid);

/* Remove a tree, without following symlinks. Missing is fine. */
void lsb_path_remove_tree(const char *path);

#endif
