/* Boot images: choosing a kernel, and making or finding its entry in the cache. */
#include "bootimage/bootimage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/filemark.h"
#include "bootimage/cache.h"
#include "bootimage/cachedirectory.h"
#include "bootimage/initrd.h"
#include "bootimage/kernelimage.h"
#include "bootimage/modules.h"
#include "bootimage/vmlinux.h"
#include "shared/writeall.h"

/* Part of every key. Raise the number when the same input gives another boot image. */
static const char format[] = "lsandbox boot image 2";

/* Names in a cache entry, and in its info file. */
static const char kernel_file[] = "kernel", initrd_file[] = "initrd", group[] = "boot";

void lsb_boot_image_free(LsbBootImage *image)
{
    if (!image)
        return;
    g_free(image->release);
    g_free(image->source);
    g_free(image->kernel);
    g_free(image->initrd);
    g_strfreev(image->overlay_modules);
    g_strfreev(image->network_modules);
    g_free(image);
}

/* --- the key --- */

/* Add TEXT, with its length before it so that no two lists of texts give one key. */
static void key_text(GString *key, const char *text)
{
    g_string_append_printf(key, "%" G_GSIZE_FORMAT ":%s\n", strlen(text), text);
}

/* Add the mark of a file (filemark.h). A missing file has a mark as well. */
static void key_file(GString *key, const char *path)
{
    struct stat st = {0};
    if (stat(path, &st) < 0)
        memset(&st, 0, sizeof st);
    g_autofree char *mark = lsb_file_mark(path, &st);
    key_text(key, mark);
}

/* depmod(8) rewrites these indexes whenever a module is added, removed or changed. */
static void key_modules(GString *key, const char *dir)
{
    static const char *const indexes[] = {"modules.dep.bin", "modules.builtin.bin",
                                          "modules.softdep"};
    for (gsize i = 0; i < G_N_ELEMENTS(indexes); i++) {
        g_autofree char *path = g_build_filename(dir, indexes[i], NULL);
        key_file(key, path);
    }
}

static char *boot_key_of(const LsbBootRequest *request, const LsbKernel *kernel, GBytes *guest_init)
{
    g_autoptr(GString) key = g_string_new(NULL);
    g_autofree char *init = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, guest_init);
    key_text(key, format);
    key_text(key, kernel->release);
    key_file(key, kernel->image);
    key_modules(key, kernel->modules);
    key_text(key, init);
    const char *const *lists[] = {request->disk_modules, request->extra_modules};
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (const char *const *name = lists[i]; name && *name; name++)
            key_text(key, *name);
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)key->str, key->len);
}

/* --- making an entry --- */

/* The inputs of an entry, all of which have been checked. */
typedef struct {
    const LsbKernel *kernel;
    GBytes *guest_init;
    GBytes *image;
    LsbModules *modules;
} Parts;

static void parts_clear(Parts *parts)
{
    g_clear_pointer(&parts->image, g_bytes_unref);
    g_clear_pointer(&parts->modules, lsb_modules_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static GBytes *make_pvh(GBytes *image, GError **error)
{
    gsize size;
    const void *data = g_bytes_get_data(image, &size);
    if (lsb_is_elf(data, size))
        return lsb_vmlinux_trim(image, error);
    g_autoptr(GBytes) elf = lsb_vmlinux_unpack(image, error);
    return elf ? lsb_vmlinux_trim(elf, error) : NULL;
}

/*
 * The kernel to boot: an ELF with a PVH entry if the image holds one, else the image as it is,
 * which boots more slowly. QEMU cannot boot an ELF file without that entry.
 */
static GBytes *make_kernel(const Parts *parts, gboolean *pvh, GError **error)
{
    gsize size;
    g_autoptr(GError) problem = NULL;
    GBytes *kernel = make_pvh(parts->image, &problem);
    const void *data = g_bytes_get_data(parts->image, &size);
    *pvh = kernel != NULL;
    if (kernel)
        return kernel;
    if (lsb_is_elf(data, size)) {
        lsb_fail(error, NO_KERNEL, "%s: %s; use the vmlinuz of the same kernel",
                 parts->kernel->image, problem->message);
        return NULL;
    }
    g_debug("%s: %s; booting it as it is", parts->kernel->image, problem->message);
    return g_bytes_ref(parts->image);
}

static gboolean write_bytes(int fd, GBytes *bytes, GError **error)
{
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    if (write_all(fd, data, size) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot write the kernel into the cache");
    return FALSE;
}

static gboolean write_kernel(const char *work, const Parts *parts, gboolean *pvh, GError **error)
{
    g_autoptr(GBytes) kernel = make_kernel(parts, pvh, error);
    cleanup_fd int fd = kernel ? lsb_cache_file_new(work, kernel_file, error) : -1;
    return fd >= 0 && write_bytes(fd, kernel, error);
}

static gboolean write_initrd(const char *work, const Parts *parts, GError **error)
{
    cleanup_fd int fd = lsb_cache_file_new(work, initrd_file, error);
    return fd >= 0 && lsb_initrd_write(fd, parts->guest_init, parts->modules, error);
}

static char **file_names(GPtrArray *modules)
{
    char **names = g_new0(char *, modules->len + 1);
    for (guint i = 0; i < modules->len; i++)
        names[i] = lsb_module_file_name(modules->pdata[i]);
    return names;
}

static void note_boot_image(GKeyFile *info, const Parts *parts, gboolean pvh)
{
    g_auto(GStrv) overlay = file_names(parts->modules->overlay);
    g_auto(GStrv) network = file_names(parts->modules->network);
    g_key_file_set_string(info, group, "release", parts->kernel->release);
    g_key_file_set_string(info, group, "source", parts->kernel->image);
    g_key_file_set_boolean(info, group, "pvh", pvh);
    g_key_file_set_boolean(info, group, "has-network", parts->modules->has_network);
    g_key_file_set_string_list(info, group, "network", (const char *const *)network,
                               g_strv_length(network));
    g_key_file_set_boolean(info, group, "has-overlay", parts->modules->has_overlay);
    g_key_file_set_string_list(info, group, "overlay", (const char *const *)overlay,
                               g_strv_length(overlay));
}

static gboolean fill_boot_image(const char *work, GKeyFile *info, gpointer data, GError **error)
{
    const Parts *parts = data;
    gboolean pvh;
    if (!write_kernel(work, parts, &pvh, error) || !write_initrd(work, parts, error))
        return FALSE;
    note_boot_image(info, parts, pvh);
    return TRUE;
}

/* --- reading an entry --- */

static char **names_of(GKeyFile *info, const char *key)
{
    char **names = g_key_file_get_string_list(info, group, key, NULL, NULL);
    return names ? names : g_new0(char *, 1);
}

static LsbBootImage *image_of(const LsbCacheEntry *entry)
{
    LsbBootImage *image = g_new0(LsbBootImage, 1);
    image->release = g_key_file_get_string(entry->info, group, "release", NULL);
    image->source = g_key_file_get_string(entry->info, group, "source", NULL);
    image->kernel = g_build_filename(entry->path, kernel_file, NULL);
    image->initrd = g_build_filename(entry->path, initrd_file, NULL);
    image->pvh = g_key_file_get_boolean(entry->info, group, "pvh", NULL);
    image->has_overlay = g_key_file_get_boolean(entry->info, group, "has-overlay", NULL);
    image->has_network = g_key_file_get_boolean(entry->info, group, "has-network", NULL);
    image->overlay_modules = names_of(entry->info, "overlay");
    image->network_modules = names_of(entry->info, "network");
    return image;
}

/* --- choosing --- */

static gboolean check_parts(Parts *parts, const LsbBootRequest *request, GError **error)
{
    parts->modules = lsb_modules_find(parts->kernel->modules, request->disk_modules,
                                      request->extra_modules, error);
    if (!parts->modules)
        return FALSE;
    parts->image = lsb_kernel_read(parts->kernel->image, error);
    return parts->image != NULL;
}

/*
 * Find or make the entry of one kernel. NULL with *PROBLEM if this kernel is not usable but another
 * one may be; NULL with *ERROR if another kernel would fail in the same way.
 */
static LsbCacheEntry *entry_of(const char *dir, const LsbBootRequest *request,
                               const LsbKernel *kernel, GBytes *guest_init, GError **problem,
                               GError **error)
{
    g_autofree char *key = boot_key_of(request, kernel, guest_init);
    LsbCacheEntry *found = lsb_cache_lookup(dir, key);
    g_auto(Parts) parts = {.kernel = kernel, .guest_init = guest_init};
    if (found)
        return found;
    if (!check_parts(&parts, request, problem))
        return NULL;
    return lsb_cache_get(dir, key, fill_boot_image, &parts, error);
}

/* Add the problem of another kernel behind the first kernel's. Takes MORE over. */
static void add_problem(GError **problems, GError *more)
{
    enum { LONGEST = 2000 };
    g_autofree char *text = NULL;
    if (!*problems) {
        *problems = more;
        return;
    }
    if (strlen((*problems)->message) < LONGEST) {
        text = g_strdup_printf("%s\nAlso looked at: %s", (*problems)->message, more->message);
        g_free((*problems)->message);
        (*problems)->message = g_steal_pointer(&text);
    }
    g_error_free(more);
}

static LsbCacheEntry *first_usable(const char *dir, const LsbBootRequest *request,
                                   GPtrArray *kernels, GBytes *guest_init, GError **error)
{
    g_autoptr(GError) problems = NULL;
    for (guint i = 0; i < kernels->len; i++) {
        GError *problem = NULL, *failure = NULL;
        LsbCacheEntry *entry =
            entry_of(dir, request, kernels->pdata[i], guest_init, &problem, &failure);
        if (entry)
            return entry;
        if (failure) {
            g_propagate_error(error, failure);
            return NULL;
        }
        add_problem(&problems, problem);
    }
    g_propagate_error(error, g_steal_pointer(&problems));
    return NULL;
}

static GBytes *read_guest_init(const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    char *data;
    gsize size;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        lsb_fail(error, NOT_FOUND, "the guest init %s is missing; run \"make install\"", path);
        return NULL;
    }
    if (!g_file_get_contents(path, &data, &size, &problem)) {
        lsb_fail(error, NOT_FOUND, "cannot read the guest init: %s", problem->message);
        return NULL;
    }
    return g_bytes_new_take(data, size);
}

LsbBootImage *lsb_boot_image_get(const LsbBootRequest *request, GError **error)
{
    g_autoptr(GBytes) guest_init = read_guest_init(request->guest_init, error);
    if (!guest_init)
        return NULL;
    g_autoptr(GPtrArray) kernels = lsb_kernel_candidates(request, error);
    g_autofree char *dir = kernels ? lsb_cache_open(request->cache_dir, "boot", error) : NULL;
    g_autoptr(LsbCacheEntry) entry =
        dir ? first_usable(dir, request, kernels, guest_init, error) : NULL;
    return entry ? image_of(entry) : NULL;
}
