/*
 * The store of templates (template.h): CACHE_DIR/templates/KEY/{info,state,memory,verified}, private
 * to its user (0700) and kept within a budget. A part of the cache (cache.h): entries appear whole,
 * whichever of many processes makes them, and what a killed maker left is swept.
 *
 *     memory      the machine's memory, sparse; mapped privately by each machine that starts from it
 *     state       QEMU's state of the devices
 *     info        [template]: checksums of both, and what it was made from, for people
 *     verified    which files, by inode, size and times, had these checksums, and since which boot
 *                 of the host
 *
 * Whether the files are what was made is seen from "verified" at each start, in microseconds; where
 * it does not match them, or the host was booted since, all bytes are read and compared.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_TEMPLATESTORE_H
#define LSANDBOX_DOMAIN_TEMPLATE_TEMPLATESTORE_H

#include <glib.h>

typedef struct {
    char *key, *memory, *state; /* memory: a path; state: a path */
    char *title;                /* what it was made from, for people */
    guint64 size;               /* bytes on disk */
    gint64 made, used;          /* seconds since 1970 */
} LsbTemplateFiles;

void lsb_template_files_free(LsbTemplateFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbTemplateFiles, lsb_template_files_free)

/* Make or check the store; its directory, which the caller frees. Errors: those of
 * lsb_cache_open(). */
char *lsb_template_store(const char *cache_dir, GError **error);

/* How many bytes all templates together may take: LSANDBOX_TEMPLATES_SIZE. LSB_ERROR_FAILED: it is
 * no size. */
gboolean lsb_template_budget(guint64 *budget, GError **error);

/*
 * Whether a new template that takes up to SIZE bytes would be kept, and the disk has as much left;
 * else each start would make one again, for nothing. LSB_ERROR_FAILED says what is in the way.
 */
gboolean lsb_template_has_room(const char *store, guint64 size, GError **error);

typedef enum {
    LSB_VERIFY_QUICK, /* by "verified", and by all bytes where that does not match */
    LSB_VERIFY_WHOLE, /* by all bytes; that is no use */
} LsbVerify;

/*
 * The template of KEY, if it is whole. LSB_ERROR_NOT_FOUND: there is none. LSB_ERROR_FAILED: it is
 * damaged, or not ours, and was removed; the message says what was wrong.
 */
LsbTemplateFiles *lsb_template_find(const char *store, const char *key, LsbVerify how,
                                    GError **error);

/* Returns whether there was one. Machines that run from it go on. */
gboolean lsb_template_remove(const char *store, const char *key);

/* All there are, the last used first, of LsbTemplateFiles; nothing is verified. Caller unrefs. */
GPtrArray *lsb_template_list(const char *store);

/*
 * Put a new one in. TAKE writes a machine's state and memory of SIZE bytes into the two new files
 * that it gets; checksums are taken when it has returned, so it lets the machine run on before.
 * Errors: LSB_ERROR_STATE (another process is making one), those of TAKE, LSB_ERRNO (disk full).
 */
typedef gboolean (*LsbTemplateTake)(gpointer self, int memory, int state, GError **error);
gboolean lsb_template_make(const char *store, const char *key, const char *title,
                           LsbTemplateTake take, gpointer self, GError **error);

#endif
