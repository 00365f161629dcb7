/* The paths of the helper programs, the cache, the run directory and the scratch directories. */
#ifndef LSANDBOX_BASE_PATHS_H
#define LSANDBOX_BASE_PATHS_H

#include <glib.h>

/*
 * The absolute path of the helper program NAME ("lsandbox-init"). It is looked for in
 * $LSANDBOX_LIBEXEC, then beside the file this code was loaded from (as in a build tree), then in
 * the installed directory. Caller frees. NULL with LSB_ERROR_NOT_FOUND.
 */
char *lsb_path_helper(const char *name, GError **error);

/*
 * The path of the cache directory, which this function does not make: $LSANDBOX_CACHE, else
 * /var/cache/lsandbox for root (whose QEMU runs as another user and must reach it), else
 * $XDG_CACHE_HOME/lsandbox. Caller frees.
 */
char *lsb_path_cache(void);

/*
 * Make a private run directory for this process. Its mode is 0700, and 0711 for root, because
 * QEMU's user must pass through it. Its path is short enough for the unix sockets that libvirt
 * makes in it. It lies below $LSANDBOX_RUN, else below /run/lsandbox for root and
 * $XDG_RUNTIME_DIR/lsandbox for others, else below /tmp. Caller frees the path and removes the
 * directory. NULL with LSB_ERRNO.
 */
char *lsb_path_run_dir_new(GError **error);

/*
 * The path of the scratch directory of the sandbox UUID, for large files that go with the sandbox:
 * in $TMPDIR, else in /var/tmp. This function does not make it. Caller frees.
 */
char *lsb_path_scratch(const char *uuid);

/* Remove the tree at PATH, without following symlinks or entering mounts. PATH may be missing. */
void lsb_path_remove_tree(const char *path);

#endif
