/*
 * Reading an initrd back, for the tests of what is in one.
 */
#ifndef LSANDBOX_TEST_INITRDFILE_H
#define LSANDBOX_TEST_INITRDFILE_H

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <string.h>

typedef struct {
    char *name;
    guint mode, uid, gid, rdev_major, rdev_minor;
    gint64 mtime;
    GBytes *content;
} Entry;

static inline void entry_free(Entry *entry)
{
    g_bytes_unref(entry->content);
    g_free(entry->name);
    g_free(entry);
}

static inline Entry *read_entry(struct archive *archive, struct archive_entry *from)
{
    Entry *entry = g_new0(Entry, 1);
    gsize size = archive_entry_size(from);
    guint8 *data = g_malloc(size + 1);
    g_assert_cmpint(archive_read_data(archive, data, size), ==, size);
    entry->name = g_strdup(archive_entry_pathname(from));
    entry->mode = archive_entry_mode(from);
    entry->uid = archive_entry_uid(from);
    entry->gid = archive_entry_gid(from);
    entry->rdev_major = archive_entry_rdevmajor(from);
    entry->rdev_minor = archive_entry_rdevminor(from);
    entry->mtime = archive_entry_mtime(from);
    entry->content = g_bytes_new_take(data, size);
    return entry;
}

static inline GPtrArray *read_initrd(const char *path)
{
    struct archive_entry *from;
    struct archive *archive = archive_read_new();
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    archive_read_support_format_cpio(archive);
    g_assert_cmpint(archive_read_open_filename(archive, path, 65536), ==, ARCHIVE_OK);
    while (archive_read_next_header(archive, &from) == ARCHIVE_OK)
        g_ptr_array_add(entries, read_entry(archive, from));
    g_assert_cmpint(archive_format(archive), ==, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
    archive_read_free(archive);
    return entries;
}

static inline const Entry *entry_named(GPtrArray *entries, const char *name)
{
    for (guint i = 0; i < entries->len; i++)
        if (strcmp(((Entry *)entries->pdata[i])->name, name) == 0)
            return entries->pdata[i];
    g_error("no %s in the initrd", name);
}

#endif
