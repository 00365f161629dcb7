/* Decompressing kernels and kernel modules in memory, with libarchive. */
#include "bootimage/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archive, archive_read_free)

/* Not archive_read_support_filter_all(), which also adds formats that need an outside program. */
static int (*const filters[])(Archive *) = {
    archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
    archive_read_support_filter_xz,   archive_read_support_filter_lzma,
    archive_read_support_filter_lz4,  archive_read_support_filter_zstd,
};

static gboolean fail_archive(Archive *archive, GError **error)
{
    const char *why = archive_error_string(archive);
    return lsb_fail(error, FAILED, "cannot decompress: %s", why ? why : "damaged");
}

static Archive *open_raw(const void *data, gsize size, GError **error)
{
    g_autoptr(Archive) archive = archive_read_new();
    struct archive_entry *entry;
    for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
        filters[i](archive);
    archive_read_support_format_raw(archive);
    if (archive_read_open_memory(archive, data, size) != ARCHIVE_OK ||
        archive_read_next_header(archive, &entry) != ARCHIVE_OK) {
        fail_archive(archive, error);
        return NULL;
    }
    /* The filter "none" is always there and counts as one. */
    if (archive_filter_count(archive) < 2) {
        lsb_fail(error, FAILED, "cannot decompress: the format is unknown");
        return NULL;
    }
    return g_steal_pointer(&archive);
}

static gboolean read_blocks(Archive *archive, GByteArray *out, gsize most, GError **error)
{
    for (;;) {
        const void *block;
        size_t size;
        la_int64_t offset;
        int result = archive_read_data_block(archive, &block, &size, &offset);
        if (result == ARCHIVE_EOF)
            return TRUE;
        if (result != ARCHIVE_OK)
            return fail_archive(archive, error);
        if (size > most - out->len)
            return lsb_fail(error, FAILED, "cannot decompress: more than %" G_GSIZE_FORMAT " bytes",
                            most);
        g_byte_array_append(out, block, size);
    }
}

GBytes *lsb_unpack(const void *data, gsize size, gsize most, GError **error)
{
    g_autoptr(Archive) archive = open_raw(data, size, error);
    g_autoptr(GByteArray) out = g_byte_array_new();
    if (!archive || !read_blocks(archive, out, MIN(most, (gsize)G_MAXINT32), error))
        return NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
