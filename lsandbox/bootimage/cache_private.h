/* The names inside an entry, for the files of the cache (cache*.c). */
#ifndef LSANDBOX_BOOTIMAGE_CACHE_PRIVATE_H
#define LSANDBOX_BOOTIMAGE_CACHE_PRIVATE_H

#include <glib.h>
#include <sys/types.h>

#include "bootimage/cache.h"

#define LSB_CACHE_INFO        "info"  /* its time of change is that of the entry's last use */
#define LSB_CACHE_FILES       "files" /* in the info file, the group with the files' sizes */
#define LSB_CACHE_WORK_PREFIX ".tmp-"

/*
 * Make the entry of KEY with FILL in a work directory, sync it to the disk, and put it in its
 * place. FALSE with an error of FILL, or LSB_ERRNO.
 */
gboolean lsb_cache_make_entry(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                              GError **error);

#endif
