/*
 * A cache of files that take long to make. An entry is a directory of files under a key that covers
 * every input. It appears whole, by one rename, whichever of several processes makes it. A damaged
 * entry is made again, and an entry that has not been used for long is removed.
 *
 *     CACHE_DIR/KIND/KEY/info       GKeyFile: the maker's notes; [files] has each file's size
 *     CACHE_DIR/KIND/KEY/...        the files
 *     CACHE_DIR/KIND/.tmp-XXXXXX/   an entry that is being made; its maker holds an flock(2) on it
 *     CACHE_DIR/KIND/lock           locked while an entry is made, so that other makers can wait
 *
 * DIR in the functions below is CACHE_DIR/KIND, as lsb_cache_open() returns it. Root's files have
 * mode 0644 and its directories 0755, because QEMU runs as another user and must read them; other
 * users' have 0600 and 0700. Every function may be called from any thread.
 */
#ifndef LSANDBOX_BOOTIMAGE_CACHE_H
#define LSANDBOX_BOOTIMAGE_CACHE_H

#include <glib.h>

typedef struct {
    char *path;     /* the entry's directory */
    GKeyFile *info; /* what its maker noted */
} LsbCacheEntry;

/* Free the structure. The files stay in the cache. */
void lsb_cache_entry_free(LsbCacheEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbCacheEntry, lsb_cache_entry_free)

/*
 * The entry of KEY, which is marked as used; NULL if there is none or it is damaged. Takes a few
 * system calls. Caller frees.
 */
LsbCacheEntry *lsb_cache_lookup(const char *dir, const char *key);

/* The same without marking the entry as used. */
LsbCacheEntry *lsb_cache_peek(const char *dir, const char *key);

/* Write an entry's files into WORK with lsb_cache_file_new(), and the maker's notes into INFO. */
typedef gboolean (*LsbCacheFill)(const char *work, GKeyFile *info, gpointer data, GError **error);

/*
 * The entry of KEY, made with FILL(..., DATA, ...) if there is none. While another process makes an
 * entry in DIR, wait up to 20 seconds for it, then make one as well; the first to finish wins.
 * Caller frees. NULL with an error of FILL, or LSB_ERRNO.
 */
LsbCacheEntry *lsb_cache_get(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                             GError **error);

/*
 * Make the entry of KEY with FILL, also in the place of a damaged one, without waiting: FALSE with
 * LSB_ERROR_STATE while another entry is being made in DIR. FILL is not called if a whole entry has
 * appeared in the meantime.
 */
gboolean lsb_cache_make(const char *dir, const char *key, LsbCacheFill fill, gpointer data,
                        GError **error);

/* Remove what makers that were killed have left. Making an entry does that, too. */
void lsb_cache_sweep(const char *dir);

/*
 * Make a file in WORK and open it for writing. Its mode does not depend on the umask. Caller
 * closes. -1 with LSB_ERRNO.
 */
int lsb_cache_file_new(const char *work, const char *name, GError **error);

#endif
