/* Removing entries of a cache: by age, by size, by key. */
#ifndef LSANDBOX_BOOTIMAGE_CACHEEVICTION_H
#define LSANDBOX_BOOTIMAGE_CACHEEVICTION_H

#include <glib.h>

/* The keys of all entries, the last used first. Caller frees with g_strfreev(). */
char **lsb_cache_keys(const char *dir);

/*
 * Remove the entry of KEY, damaged or not. Returns whether there was one. A process that has its
 * files open keeps them.
 */
gboolean lsb_cache_remove(const char *dir, const char *key);

/* Remove the least recently used entries until the rest takes at most BUDGET bytes on the disk. */
void lsb_cache_trim(const char *dir, guint64 budget);

/* Remove the entries that have not been used for 30 days, except the 4 last used. */
void lsb_cache_retire_unused(const char *dir);

#endif
