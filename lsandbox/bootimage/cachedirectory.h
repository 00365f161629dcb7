/* TODO: say what cachedirectory is about. */
#ifndef LSANDBOX_BOOTIMAGE_CACHEDIRECTORY_H
#define LSANDBOX_BOOTIMAGE_CACHEDIRECTORY_H

#include <glib.h>
#include <sys/types.h>

/*
 * Make or check CACHE_DIR and its directory for KIND; returns the latter, for the calls below.
 * Errors: LSB_ERROR_NO_PERMISSION (someone else than root and us owns it or can write in it),
 * LSB_ERRNO.
 */
char *lsb_cache_open(const char *cache_dir, const char *kind, GError **error);

mode_t lsb_cache_directory_mode(void);

#endif
