/* What the files of the cache share: its directories, what is being made, and what is old. */
#ifndef LSANDBOX_CACHE_PRIVATE_H
#define LSANDBOX_CACHE_PRIVATE_H

#include <sys/types.h>

#include "bootimage/cache.h"

#define LSB_CACHE_INFO        "info"  /* its time is that of the entry's last use */
#define LSB_CACHE_FILES       "files" /* the group of the files' sizes in it */
#define LSB_CACHE_WORK_PREFIX ".tmp-"

mode_t lsb_cache_directory_mode(void);

/* Have FILL make the entry of KEY in a work directory, and put it in its place on the disk. */
gboolean lsb_cache_make_entry(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                              GError **error);

/* Remove the entries that nobody has used for long, but a few. */
void lsb_cache_retire_unused(const char *dir);

#endif
