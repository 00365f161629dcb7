/* The store of templates: room, verification, finding and making. */
#include "domain/template/templatestore.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/filemark.h"
#include "base/ownership.h"
#include "bootimage/cache.h"
#include "bootimage/cachedirectory.h"
#include "bootimage/cacheeviction.h"
#include "domain/template/memoryfile.h"
#include "recipe/value/size.h"
#include "recipe/value/value.h"

static const char group[] = "template";
enum { MEMORY, STATE, PARTS };
static const char *const parts[PARTS] = {[MEMORY] = "memory", [STATE] = "state"};

/* About thirty templates of small machines. */
#define DEFAULT_BUDGET ((guint64)2 << 30)

void lsb_template_files_free(LsbTemplateFiles *files)
{
    g_free(files->key);
    g_free(files->memory);
    g_free(files->state);
    g_free(files->title);
    g_free(files);
}

/*
 * QEMU's user may read the cache of root, but not the memory of machines in it: the launcher opens
 * that while it is still root.
 */
char *lsb_template_store(const char *cache_dir, GError **error)
{
    g_autofree char *dir = lsb_cache_open(cache_dir, "templates", error);
    struct stat st;
    if (!dir)
        return NULL;
    if (stat(dir, &st) == 0 && (!(st.st_mode & 0077) || chmod(dir, 0700) == 0))
        return g_steal_pointer(&dir);
    lsb_set_errno(error, errno, "cannot make %s private", dir);
    return NULL;
}

/* --- room --- */

gboolean lsb_template_budget(guint64 *budget, GError **error)
{
    const char *text = g_getenv("LSANDBOX_TEMPLATES_SIZE");
    *budget = DEFAULT_BUDGET;
    if (!text || lsb_size_parse(text, budget))
        return TRUE;
    g_autofree char *shown = lsb_text_show(text);
    return lsb_fail(error, FAILED,
                    "LSANDBOX_TEMPLATES_SIZE: expected a size such as 2G or 500M, got %s", shown);
}

/* Bytes that are free for STORE. Where the kernel does not tell, let the writing fail instead. */
static guint64 free_space(const char *store)
{
    struct statvfs fs;
    return statvfs(store, &fs) == 0 ? (guint64)fs.f_bavail * fs.f_frsize : G_MAXUINT64;
}

gboolean lsb_template_has_room(const char *store, guint64 size, GError **error)
{
    guint64 budget, space = free_space(store);
    g_autofree char *needed = g_format_size_full(size, G_FORMAT_SIZE_IEC_UNITS);
    if (!lsb_template_budget(&budget, error))
        return FALSE;
    if (size > budget)
        return lsb_fail(error, FAILED,
                        "it takes %s, and LSANDBOX_TEMPLATES_SIZE allows less for all of them",
                        needed);
    return size < space ||
           lsb_fail(error, FAILED, "it takes %s, and %s has less left", needed, store);
}

/* --- verifying --- */

/*
 * The id of this boot of the host. A crash of the host may have taken the last writes of files that
 * were verified before, so they count as verified for one boot only.
 */
static char *host_boot(void)
{
    char *text = NULL;
    if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup("\n");
    return text;
}

static gboolean look_at(const char *entry, const char *name, struct stat *st)
{
    g_autofree char *path = g_build_filename(entry, name, NULL);
    return lsb_ownership_of(path, S_IFREG, st) == LSB_OURS;
}

/* What "verified" would say now. NULL: files are missing, or other users may write them. */
static char *marks_of(const char *entry, GError **error)
{
    struct stat st;
    g_autofree char *boot = host_boot();
    GString *out = g_string_new(boot);
    gboolean ours =
        lsb_ownership_of(entry, S_IFDIR, &st) == LSB_OURS && look_at(entry, "info", &st);
    for (gsize i = 0; i < G_N_ELEMENTS(parts) && ours; i++) {
        ours = look_at(entry, parts[i], &st);
        g_autofree char *mark = lsb_file_mark(parts[i], &st);
        g_string_append(out, mark);
    }
    if (ours)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    lsb_fail(error, FAILED, "its files are missing, belong to another user, or others may write");
    return NULL;
}

static gboolean was_verified(const char *entry, const char *marks)
{
    g_autofree char *path = g_build_filename(entry, "verified", NULL);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) && strcmp(text, marks) == 0;
}

static void note_verified(const char *entry, const char *marks)
{
    g_autofree char *path = g_build_filename(entry, "verified", NULL);
    g_file_set_contents_full(path, marks, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

static gboolean part_is_whole(const LsbCacheEntry *entry, const char *part, GError **error)
{
    g_autofree char *path = g_build_filename(entry->path, part, NULL);
    g_autofree char *wanted = g_key_file_get_string(entry->info, group, part, NULL);
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    g_autofree char *sum = fd >= 0 ? lsb_memory_checksum(fd) : NULL;
    if (sum && wanted && strcmp(sum, wanted) == 0)
        return TRUE;
    return lsb_fail(error, FAILED, "%s is not what was made: its checksum is another", part);
}

static gboolean verify_template(const LsbCacheEntry *entry, LsbVerify how, GError **error)
{
    g_autofree char *marks = marks_of(entry->path, error);
    if (!marks)
        return FALSE;
    if (how == LSB_VERIFY_QUICK && was_verified(entry->path, marks))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (!part_is_whole(entry, parts[i], error))
            return FALSE;
    note_verified(entry->path, marks);
    return TRUE;
}

/* --- finding --- */

static guint64 disk_size(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? (guint64)st.st_blocks * 512 : 0;
}

static gint64 time_of_use(const char *entry)
{
    struct stat st;
    g_autofree char *path = g_build_filename(entry, "info", NULL);
    return lstat(path, &st) == 0 ? st.st_mtim.tv_sec : 0;
}

static LsbTemplateFiles *files_of(const char *entry, const char *key, GKeyFile *info)
{
    LsbTemplateFiles *files = g_new0(LsbTemplateFiles, 1);
    files->key = g_strdup(key);
    files->memory = g_build_filename(entry, parts[MEMORY], NULL);
    files->state = g_build_filename(entry, parts[STATE], NULL);
    files->title = g_key_file_get_string(info, group, "title", NULL);
    files->made = g_key_file_get_int64(info, group, "made", NULL);
    files->used = time_of_use(entry);
    files->size = disk_size(files->memory) + disk_size(files->state);
    return files;
}

LsbTemplateFiles *lsb_template_find(const char *store, const char *key, LsbVerify how,
                                    GError **error)
{
    g_autofree char *path = g_build_filename(store, key, NULL);
    lsb_cache_sweep(store); /* otherwise only the next maker would sweep */
    g_autoptr(LsbCacheEntry) entry =
        how == LSB_VERIFY_QUICK ? lsb_cache_lookup(store, key) : lsb_cache_peek(store, key);
    g_autoptr(GError) cause = NULL;
    if (entry && verify_template(entry, how, &cause))
        return files_of(entry->path, key, entry->info);
    if (!entry && g_access(path, F_OK) < 0 && errno == ENOENT) {
        lsb_fail(error, NOT_FOUND, "there is no template for this machine yet");
        return NULL;
    }
    lsb_cache_remove(store, key);
    lsb_fail(error, FAILED, "the template %s was damaged, and is removed: %s", path,
             cause ? cause->message : "its files are not whole");
    return NULL;
}

gboolean lsb_template_remove(const char *store, const char *key)
{
    return lsb_cache_remove(store, key);
}

GPtrArray *lsb_template_list(const char *store)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)lsb_template_files_free);
    lsb_cache_sweep(store);
    g_auto(GStrv) keys = lsb_cache_keys(store);
    for (char **key = keys; *key; key++) {
        g_autofree char *entry = g_build_filename(store, *key, NULL);
        g_autofree char *path = g_build_filename(entry, "info", NULL);
        g_autoptr(GKeyFile) info = g_key_file_new();
        g_key_file_load_from_file(info, path, G_KEY_FILE_NONE, NULL);
        g_ptr_array_add(list, files_of(entry, *key, info));
    }
    return list;
}

/* --- making --- */

typedef struct {
    const char *title;
    LsbTemplateTake take;
    gpointer self;
} Making;

static gboolean note_checksum(GKeyFile *info, const char *part, int fd, GError **error)
{
    g_autofree char *sum = lsb_memory_checksum(fd);
    if (sum)
        g_key_file_set_string(info, group, part, sum);
    else
        lsb_set_errno(error, errno, "cannot read the template's %s", part);
    return sum != NULL;
}

/* The checksums are of what is read from the files, not of the bytes that were written. */
static gboolean note_files(const char *work, GKeyFile *info, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(work, parts[i], NULL);
        cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (!note_checksum(info, parts[i], fd, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fill_template(const char *work, GKeyFile *info, gpointer data, GError **error)
{
    const Making *m = data;
    cleanup_fd int memory = lsb_cache_file_new(work, parts[MEMORY], error);
    cleanup_fd int state = memory >= 0 ? lsb_cache_file_new(work, parts[STATE], error) : -1;
    if (state < 0 || !m->take(m->self, memory, state, error) || !note_files(work, info, error))
        return FALSE;
    g_key_file_set_string(info, group, "title", m->title);
    g_key_file_set_int64(info, group, "made", g_get_real_time() / G_USEC_PER_SEC);
    return TRUE;
}

gboolean lsb_template_make(const char *store, const char *key, const char *title,
                           LsbTemplateTake take, gpointer self, GError **error)
{
    guint64 budget;
    Making m = {title, take, self};
    g_autofree char *entry = g_build_filename(store, key, NULL);
    if (!lsb_template_budget(&budget, error) ||
        !lsb_cache_make(store, key, fill_template, &m, error))
        return FALSE;
    g_autofree char *marks = marks_of(entry, NULL);
    if (marks)
        note_verified(entry, marks); /* made and summed in this boot of the host */
    lsb_cache_trim(store, budget);
    return TRUE;
}
