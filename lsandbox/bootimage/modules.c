/* The kernel modules that a machine needs, found with libkmod. */
#include "bootimage/modules.h"

#include <errno.h>
#include <libkmod.h>
#include <string.h>

#include "base/error.h"
#include "bootimage/kernelimage.h"
#include "bootimage/unpack.h"
#include "bootimage/vmlinux.h"
#include "shared/units.h"

/*
 * What every machine loads at boot: the PCI transport, the driver of the relay's port, and the
 * transport and filesystem of the root.
 */
static const char *const needed[] = {"virtio_pci", "virtio_console", "9pnet_virtio", "9p"};

/* Address families that go with an interface. A DHCP client needs AF_PACKET. */
static const char *const network_families[] = {"ipv6", "af_packet"};

/* The largest module of a distribution kernel is about 10 MiB. */
enum { MOST_MODULE = 256 * MiB };

typedef struct kmod_ctx Kmod;
typedef struct kmod_list KmodList;
typedef struct kmod_module KmodModule;

static void unref_list(KmodList *list)
{
    kmod_module_unref_list(list);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kmod, kmod_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KmodList, unref_list)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KmodModule, kmod_module_unref)

/* A walk over modules and their dependencies, depth first. */
typedef struct {
    Kmod *kmod;
    GHashTable *seen; /* names of the modules that have been visited */
    GPtrArray *order; /* the list that the walk adds paths to */
    gboolean soft;    /* follow soft dependencies as well */
} Walk;

void lsb_modules_free(LsbModules *modules)
{
    g_ptr_array_unref(modules->boot);
    g_ptr_array_unref(modules->network);
    g_ptr_array_unref(modules->overlay);
    g_free(modules);
}

static void visit_module(Walk *walk, KmodModule *module);

static void visit_list(Walk *walk, KmodList *list)
{
    KmodList *at;
    kmod_list_foreach(at, list)
    {
        g_autoptr(KmodModule) module = kmod_module_get_module(at);
        visit_module(walk, module);
    }
}

static void visit_soft(Walk *walk, KmodModule *module)
{
    KmodList *before = NULL, *after = NULL;
    if (kmod_module_get_softdeps(module, &before, &after) == 0)
        visit_list(walk, before);
    kmod_module_unref_list(before);
    kmod_module_unref_list(after);
}

/*
 * Add a module after those that it depends on. The order in which libkmod lists the dependencies
 * does not matter, because the walk is depth first. A module without a path is built in.
 */
static void visit_module(Walk *walk, KmodModule *module)
{
    const char *path = kmod_module_get_path(module);
    if (!path || !g_hash_table_add(walk->seen, g_strdup(kmod_module_get_name(module))))
        return;
    if (walk->soft)
        visit_soft(walk, module);
    g_autoptr(KmodList) dependencies = kmod_module_get_dependencies(module);
    visit_list(walk, dependencies);
    g_ptr_array_add(walk->order, g_strdup(path));
}

/* FALSE: the kernel has no module, built in or not, of this name or alias. */
static gboolean visit_name(Walk *walk, const char *name)
{
    KmodList *list = NULL;
    if (kmod_module_new_from_lookup(walk->kmod, name, &list) < 0 || !list)
        return FALSE;
    visit_list(walk, list);
    kmod_module_unref_list(list);
    return TRUE;
}

static gboolean fail_missing(const char *dir, const char *name, GError **error)
{
    g_autofree char *release = g_path_get_basename(dir);
    return lsb_fail(
        error, NO_MODULE,
        "the kernel %s has no %s, neither as a module in %s nor built in; install the package %s",
        release, name, dir, lsb_kernel_packages()->modules);
}

static gboolean visit_needed(Walk *walk, const char *dir, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!visit_name(walk, needed[i]))
            return fail_missing(dir, needed[i], error);
    return TRUE;
}

static gboolean visit_disks(Walk *walk, const char *dir, const char *const *disks, GError **error)
{
    walk->soft = TRUE;
    for (; disks && *disks; disks++)
        if (!visit_name(walk, *disks))
            return fail_missing(dir, *disks, error);
    walk->soft = FALSE;
    return TRUE;
}

/* Soft dependencies count: ext4, for one, cannot mount without crc32c, which only they name. */
static gboolean visit_extra(Walk *walk, const char *dir, const char *const *extra, GError **error)
{
    walk->soft = TRUE;
    for (; extra && *extra; extra++)
        if (!visit_name(walk, *extra))
            return lsb_fail(
                error, NO_MODULE,
                "kernel.extra_modules: the kernel of %s has no module \"%s\", nor is it built in",
                dir, *extra);
    walk->soft = FALSE;
    return TRUE;
}

/*
 * The network modules and overlayfs share no dependency; one that they shared would be in the list
 * of the first alone.
 */
static void visit_network(Walk *walk, LsbModules *modules)
{
    walk->order = modules->network;
    modules->has_network = visit_name(walk, "virtio_net");
    for (gsize i = 0; i < G_N_ELEMENTS(network_families); i++)
        visit_name(walk, network_families[i]);
}

static gboolean walk_all(Walk *walk, LsbModules *modules, const char *dir, const char *const *disks,
                         const char *const *extra, GError **error)
{
    walk->order = modules->boot;
    if (!visit_needed(walk, dir, error) || !visit_disks(walk, dir, disks, error) ||
        !visit_extra(walk, dir, extra, error))
        return FALSE;
    visit_network(walk, modules);
    walk->order = modules->overlay;
    modules->has_overlay = visit_name(walk, "overlay");
    return TRUE;
}

/* Keeps libkmod from writing to stderr, which is the program's; its return values tell failures. */
static void no_log(void *data, int priority, const char *file, int line, const char *function,
                   const char *format, va_list args)
{
    (void)data, (void)priority, (void)file, (void)line, (void)function, (void)format, (void)args;
}

static gboolean check_module_directory(const char *dir, GError **error)
{
    g_autofree char *index = g_build_filename(dir, "modules.dep.bin", NULL);
    g_autofree char *release = g_path_get_basename(dir);
    if (g_file_test(index, G_FILE_TEST_IS_REGULAR))
        return TRUE;
    if (g_file_test(dir, G_FILE_TEST_IS_DIR))
        return lsb_fail(error, NO_MODULE, "%s is missing; run \"sudo depmod -a %s\"", index,
                        release);
    return lsb_fail(
        error, NO_MODULE,
        "the kernel %s has no modules: there is no directory %s; install the package %s", release,
        dir, lsb_kernel_packages()->kernel);
}

LsbModules *lsb_modules_find(const char *dir, const char *const *disks, const char *const *extra,
                             GError **error)
{
    static const char *const no_configuration[] = {NULL};
    if (!check_module_directory(dir, error))
        return NULL;
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);
    g_autoptr(Kmod) kmod = kmod_new(absolute, no_configuration);
    if (!kmod) {
        lsb_set_errno(error, errno, "libkmod cannot use %s", absolute);
        return NULL;
    }
    kmod_set_log_fn(kmod, no_log, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(LsbModules) modules = g_new0(LsbModules, 1);
    modules->boot = g_ptr_array_new_with_free_func(g_free);
    modules->network = g_ptr_array_new_with_free_func(g_free);
    modules->overlay = g_ptr_array_new_with_free_func(g_free);
    Walk walk = {.kmod = kmod, .seen = seen};
    return walk_all(&walk, modules, absolute, disks, extra, error) ? g_steal_pointer(&modules)
                                                                   : NULL;
}

GBytes *lsb_module_read(const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    char *data;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, &problem)) {
        lsb_fail(error, NO_MODULE, "cannot read a module: %s", problem->message);
        return NULL;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
    if (lsb_is_elf(data, size))
        return g_steal_pointer(&bytes);
    GBytes *plain = lsb_unpack(data, size, MOST_MODULE, &problem);
    if (!plain)
        lsb_fail(error, NO_MODULE, "%s: %s", path, problem->message);
    return plain;
}

char *lsb_module_file_name(const char *path)
{
    char *name = g_path_get_basename(path);
    char *end = g_strrstr(name, ".ko");
    if (end)
        end[strlen(".ko")] = '\0';
    return name;
}
