/* Removing entries of a cache: by age, by size, by key. */
#include "bootimage/cacheeviction.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "bootimage/cache_private.h"

enum {
    KEPT_ENTRIES = 4, /* the last used entries are never removed for their age */
    UNUSED_DAYS = 30,
};

typedef struct {
    char *path;
    gint64 used; /* last use, in seconds since the epoch; 0: the entry has no info file */
} Use;

static void use_free(Use *use)
{
    g_free(use->path);
    g_free(use);
}

static gint64 last_use(const char *entry)
{
    struct stat st;
    g_autofree char *path = g_build_filename(entry, LSB_CACHE_INFO, NULL);
    return lstat(path, &st) == 0 ? st.st_mtime : 0;
}

static int compare_uses(gconstpointer a, gconstpointer b)
{
    const Use *x = *(const Use *const *)a, *y = *(const Use *const *)b;
    return (x->used < y->used) - (x->used > y->used);
}

static GPtrArray *uses_newest_first(const char *dir)
{
    const char *name;
    GPtrArray *uses = g_ptr_array_new_with_free_func((GDestroyNotify)use_free);
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (*name == '.' || !g_file_test(path, G_FILE_TEST_IS_DIR))
            continue;
        Use *use = g_new(Use, 1);
        use->used = last_use(path);
        use->path = g_steal_pointer(&path);
        g_ptr_array_add(uses, use);
    }
    g_ptr_array_sort(uses, compare_uses);
    return uses;
}

/*
 * Remove an entry. It is renamed first, so that no other process finds half of it, and renamed back
 * if another process has marked it as used in the meantime.
 */
static void retire(const char *dir, const Use *use)
{
    g_autofree char *name = g_path_get_basename(use->path);
    g_autofree char *aside = g_strconcat(dir, "/", LSB_CACHE_WORK_PREFIX, name, NULL);
    if (rename(use->path, aside) < 0)
        return;
    if (last_use(aside) != use->used && rename(aside, use->path) == 0)
        return;
    lsb_path_remove_tree(aside);
}

static guint64 size_of(const char *path)
{
    const char *name;
    guint64 size = 0;
    g_autoptr(GDir) open = g_dir_open(path, 0, NULL);
    while (open && (name = g_dir_read_name(open))) {
        struct stat st;
        g_autofree char *file = g_build_filename(path, name, NULL);
        if (lstat(file, &st) == 0)
            size += (guint64)st.st_blocks * 512;
    }
    return size;
}

void lsb_cache_trim(const char *dir, guint64 budget)
{
    guint64 sum = 0;
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    for (guint i = 0; i < uses->len; i++) {
        const Use *use = uses->pdata[i];
        sum += size_of(use->path);
        if (sum > budget)
            retire(dir, use);
    }
}

gboolean lsb_cache_remove(const char *dir, const char *key)
{
    Use use = {.path = g_build_filename(dir, key, NULL)};
    use.used = last_use(use.path);
    struct stat st;
    gboolean there = lstat(use.path, &st) == 0;
    if (there)
        retire(dir, &use);
    g_free(use.path);
    return there;
}

char **lsb_cache_keys(const char *dir)
{
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    g_autoptr(GStrvBuilder) keys = g_strv_builder_new();
    for (guint i = 0; i < uses->len; i++) {
        g_autofree char *key = g_path_get_basename(((const Use *)uses->pdata[i])->path);
        g_strv_builder_add(keys, key);
    }
    return g_strv_builder_end(keys);
}

void lsb_cache_retire_unused(const char *dir)
{
    g_autoptr(GPtrArray) uses = uses_newest_first(dir);
    gint64 oldest = g_get_real_time() / G_USEC_PER_SEC - UNUSED_DAYS * 24 * 3600;
    for (guint i = KEPT_ENTRIES; i < uses->len; i++)
        if (((const Use *)uses->pdata[i])->used < oldest)
            retire(dir, uses->pdata[i]);
}
