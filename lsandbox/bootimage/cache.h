/*
 * A cache of things that are dear to make: directories with files, each under a key that covers all
 * that goes into it. An entry appears at once and whole, whichever of many processes makes it; one
 * that is damaged is made again. Entries not used for long are removed.
 *
 *     CACHE_DIR/KIND/KEY/info       GKeyFile: what the maker notes, and [files] with each one's size
 *     CACHE_DIR/KIND/KEY/...        the files
 *     CACHE_DIR/KIND/.tmp-XXXXXX/   being made, and locked (flock) by its maker as long as that lives
 *     CACHE_DIR/KIND/lock           held while an entry is made, so that others can wait for it
 *
 * As root, files are 0644 and directories 0755, because QEMU runs as another user and reads them;
 * else 0600 and 0700. Safe to call from any thread.
 */
#ifndef LSANDBOX_BOOTIMAGE_CACHE_H
#define LSANDBOX_BOOTIMAGE_CACHE_H

#include <glib.h>

typedef struct {
    char *path;     /* the entry's directory */
    GKeyFile *info; /* what its maker noted */
} LsbCacheEntry;

/* NULL is fine. The files stay. */
void lsb_cache_entry_free(LsbCacheEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbCacheEntry, lsb_cache_entry_free)

/* The entry of KEY, and mark it as used; NULL when there is none or it is damaged. A few system
 * calls. */
LsbCacheEntry *lsb_cache_lookup(const char *dir, const char *key);

/* The same, but it does not count as a use. */
LsbCacheEntry *lsb_cache_peek(const char *dir, const char *key);

/* Writes an entry's files into WORK with lsb_cache_file_new(), and notes in INFO. */
typedef gboolean (*LsbCacheFill)(const char *work, GKeyFile *info, gpointer data, GError **error);

/*
 * The entry of KEY; made by FILL when there is none. Where another process is making one, waits for
 * it (not for ever: then makes its own, and the first to finish wins). Errors: those of FILL,
 * LSB_ERRNO.
 */
LsbCacheEntry *lsb_cache_get(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                             GError **error);

/*
 * Make an entry of KEY, in place of one that is damaged; without waiting, LSB_ERROR_STATE where
 * another is being made in DIR. A whole one that is there meanwhile will do: FILL is not called.
 */
gboolean lsb_cache_make(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                        GError **error);

/* Remove what killed makers left; the next one to make an entry does that, too. */
void lsb_cache_sweep(const char *dir);

/* A new file in WORK, open for writing, with the right mode whatever the umask; -1 on error. */
int lsb_cache_file_new(const char *work, const char *name, GError **error);

#endif
