/* The cache's directories: made where they are missing, and refused where others can write. */
#ifndef LSANDBOX_BOOTIMAGE_CACHEDIRECTORY_H
#define LSANDBOX_BOOTIMAGE_CACHEDIRECTORY_H

#include <glib.h>
#include <sys/types.h>

/*
 * Make or check CACHE_DIR and its directory KIND, whose path is returned for the functions of
 * cache.h. Caller frees. NULL with LSB_ERROR_NO_PERMISSION (a user other than root and this one
 * owns a directory or can write in it) or LSB_ERRNO.
 */
char *lsb_cache_open(const char *cache_dir, const char *kind, GError **error);

/* The mode of the cache's directories: 0755 for root, else 0700 (see cache.h). */
mode_t lsb_cache_directory_mode(void);

#endif
