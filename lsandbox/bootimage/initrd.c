/* The initrd of a machine, written with libarchive. */
#include "bootimage/initrd.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "bootimage/modules.h"

typedef struct archive Archive;
typedef struct archive_entry Entry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archive, archive_write_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entry, archive_entry_free)

/*
 * The directories and the device. /dev/console has to be in the initrd, because the kernel opens it
 * for the guest init before the guest init can mount anything.
 */
static const struct {
    const char *name;
    mode_t mode;
    unsigned device_major, device_minor;
} nodes[] = {
    {.name = "dev", .mode = AE_IFDIR | 0755},
    {.name = "dev/console", .mode = AE_IFCHR | 0600, .device_major = 5, .device_minor = 1},
    {.name = "modules", .mode = AE_IFDIR | 0755},
    {.name = "newroot", .mode = AE_IFDIR | 0755},
    {.name = "proc", .mode = AE_IFDIR | 0755},
    {.name = "sys", .mode = AE_IFDIR | 0755},
};

static gboolean check_archive(Archive *archive, int result, GError **error)
{
    if (result == ARCHIVE_OK)
        return TRUE;
    return lsb_fail(error, FAILED, "cannot write the initrd: %s", archive_error_string(archive));
}

/* An entry whose times and owner are 0, so that the archive depends on its content alone. */
static Entry *entry_new(const char *name, mode_t mode, gsize size)
{
    Entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, mode);
    archive_entry_set_size(entry, size);
    archive_entry_set_nlink(entry, AE_IFDIR == (mode & AE_IFMT) ? 2 : 1);
    return entry;
}

static gboolean add_nodes(Archive *archive, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(nodes); i++) {
        g_autoptr(Entry) entry = entry_new(nodes[i].name, nodes[i].mode, 0);
        archive_entry_set_rdev(entry, makedev(nodes[i].device_major, nodes[i].device_minor));
        if (!check_archive(archive, archive_write_header(archive, entry), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_initrd_file(Archive *archive, const char *name, mode_t mode, GBytes *content,
                                GError **error)
{
    gsize size;
    const void *data = g_bytes_get_data(content, &size);
    g_autoptr(Entry) entry = entry_new(name, AE_IFREG | mode, size);
    if (!check_archive(archive, archive_write_header(archive, entry), error))
        return FALSE;
    if (size > 0 && archive_write_data(archive, data, size) != (la_ssize_t)size)
        return check_archive(archive, ARCHIVE_FATAL, error);
    return TRUE;
}

static gboolean add_module_files(Archive *archive, GPtrArray *list, GError **error)
{
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *file = lsb_module_file_name(list->pdata[i]);
        g_autofree char *name = g_build_filename("modules", file, NULL);
        g_autoptr(GBytes) content = lsb_module_read(list->pdata[i], error);
        if (!content || !add_initrd_file(archive, name, 0644, content, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_boot_list(Archive *archive, GPtrArray *list, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *file = lsb_module_file_name(list->pdata[i]);
        g_string_append_printf(text, "%s\n", file);
    }
    g_autoptr(GBytes) content = g_string_free_to_bytes(g_steal_pointer(&text));
    return add_initrd_file(archive, "modules/boot.list", 0644, content, error);
}

/* Begin an archive that is not padded to blocks of a tape: it ends on a multiple of 4 bytes. */
static gboolean open_newc(Archive *archive, int fd, GError **error)
{
    return check_archive(archive, archive_write_set_format_cpio_newc(archive), error) &&
           check_archive(archive, archive_write_set_bytes_in_last_block(archive, 1), error) &&
           check_archive(archive, archive_write_open_fd(archive, fd), error);
}

gboolean lsb_initrd_write(int fd, GBytes *guest_init, const LsbModules *modules, GError **error)
{
    g_autoptr(Archive) archive = archive_write_new();
    return open_newc(archive, fd, error) && add_nodes(archive, error) &&
           add_initrd_file(archive, "init", 0755, guest_init, error) &&
           add_boot_list(archive, modules->boot, error) &&
           add_module_files(archive, modules->boot, error) &&
           add_module_files(archive, modules->network, error) &&
           add_module_files(archive, modules->overlay, error) &&
           check_archive(archive, archive_write_close(archive), error);
}
