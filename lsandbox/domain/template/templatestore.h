/*
 * The store of templates (template.h): CACHE_DIR/templates/KEY/{info,state,memory,verified}, which
 * only its user may enter (0700), within a budget. As a part of the cache (cache.h) it has entries
 * that appear whole, whichever of many processes makes them; what a killed maker left is swept.
 *
 *     memory      the machine's memory, sparse; each machine that starts from it maps it privately
 *     state       QEMU's state of the devices
 *     info        [template]: checksums of both, and what it was made from, for people
 *     verified    which files, by inode, size and times, had these checksums, and since which boot
 *                 of the host
 *
 * Each start compares the files with "verified", in microseconds. Where they do not match, or the
 * host was booted since, all bytes are read and compared with the checksums.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_TEMPLATESTORE_H
#define LSANDBOX_DOMAIN_TEMPLATE_TEMPLATESTORE_H

#include <glib.h>

typedef struct {
    char *key, *memory, *state; /* the last two are paths */
    char *title;                /* what it was made from, for people */
    guint64 size;               /* bytes on disk */
    gint64 made, used;          /* seconds since 1970 */
} LsbTemplateFiles;

void lsb_template_files_free(LsbTemplateFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbTemplateFiles, lsb_template_files_free)

/*
 * Make or check the store. Returns its directory, which the caller frees. Errors: those of
 * lsb_cache_open().
 */
char *lsb_template_store(const char *cache_dir, GError **error);

/*
 * How many bytes all templates together may take: LSANDBOX_TEMPLATES_SIZE. LSB_ERROR_FAILED: the
 * variable is no size.
 */
gboolean lsb_template_budget(guint64 *budget, GError **error);

/*
 * Whether the budget and the disk have room for a new template of up to SIZE bytes. Otherwise each
 * start would make one that is removed again. LSB_ERROR_FAILED says what is in the way.
 */
gboolean lsb_template_has_room(const char *store, guint64 size, GError **error);

typedef enum {
    LSB_VERIFY_QUICK, /* for a start: compare with "verified", and all bytes where that differs */
    LSB_VERIFY_WHOLE, /* for a check: compare all bytes; does not count as a use of the template */
} LsbVerify;

/*
 * The template of KEY. LSB_ERROR_NOT_FOUND: there is none. LSB_ERROR_FAILED: it was damaged, or
 * another user could have written it, and it was removed; the message says what was wrong.
 */
LsbTemplateFiles *lsb_template_find(const char *store, const char *key, LsbVerify how,
                                    GError **error);

/* Remove a template. Returns whether there was one. Machines that were started from it go on. */
gboolean lsb_template_remove(const char *store, const char *key);

/* All templates (LsbTemplateFiles), the last used first, not verified. Caller unrefs. */
GPtrArray *lsb_template_list(const char *store);

/*
 * Add a template. TAKE writes a machine's memory and state into two new files. The checksums are
 * computed after TAKE has returned, so TAKE lets the machine run on before. Errors: LSB_ERROR_STATE
 * (another process is making this template), those of TAKE, LSB_ERRNO (disk full).
 */
typedef gboolean (*LsbTemplateTake)(gpointer self, int memory, int state, GError **error);
gboolean lsb_template_make(const char *store, const char *key, const char *title,
                           LsbTemplateTake take, gpointer self, GError **error);

#endif
