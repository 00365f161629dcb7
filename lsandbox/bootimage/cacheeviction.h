/* TODO: say what cacheeviction is about. */
#ifndef LSANDBOX_BOOTIMAGE_CACHEEVICTION_H
#define LSANDBOX_BOOTIMAGE_CACHEEVICTION_H

#include <glib.h>

/* The keys of all entries, the last used first. strv */
char **lsb_cache_keys(const char *dir);

/* Remove the entry of KEY, whatever it is; returns whether there was one. Who has its files open
 * keeps them. */
gboolean lsb_cache_remove(const char *dir, const char *key);

/* Remove the entries used least lately, until the others take no more than BUDGET bytes on disk. */
void lsb_cache_trim(const char *dir, guint64 budget);

/* Remove the entries that nobody has used for long, but a few. */
void lsb_cache_retire_unused(const char *dir);

#endif
