/* What the files of the cache share: its directories, what is being made, and what is old. */
#ifndef LSANDBOX_BOOTIMAGE_CACHE_PRIVATE_H
#define LSANDBOX_BOOTIMAGE_CACHE_PRIVATE_H

#include <glib.h>
#include <sys/types.h>

#include "bootimage/cache.h"

#define LSB_CACHE_INFO        "info"  /* its time is that of the entry's last use */
#define LSB_CACHE_FILES       "files" /* the group of the files' sizes in it */
#define LSB_CACHE_WORK_PREFIX ".tmp-"

/* Have FILL make the entry of KEY in a work directory, and put it in its place on the disk. */
gboolean lsb_cache_make_entry(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                              GError **error);

#endif
