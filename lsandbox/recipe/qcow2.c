/* Reading the header and a few bytes of a qcow2 image. */
#include "recipe/qcow2.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Offsets in the header, and its sizes. All numbers are big-endian. */
enum {
    AT_VERSION = 4,
    AT_BACKING = 8,
    AT_BACKING_SIZE = 16,
    AT_CLUSTER_BITS = 20,
    AT_SIZE = 24,
    AT_CRYPT = 32,
    AT_L1_COUNT = 36,
    AT_L1_OFFSET = 40,
    AT_INCOMPATIBLE = 72, /* version 3 only */
    HEADER_V2 = 72,
    HEADER_V3 = 104,
};

/* Bits of the incompatible features that matter here. */
enum { DATA_FILE = 1u << 2, EXTENDED_L2 = 1u << 4 };

enum {
    LEAST_CLUSTER_BITS = 9,
    MOST_CLUSTER_BITS = 21,
    LONGEST_BACKING_NAME = 1023,
};

/* Bits of an L1 or L2 entry. */
#define OFFSET_MASK    UINT64_C(0x00fffffffffffe00)
#define COMPRESSED     (UINT64_C(1) << 62)
#define READS_AS_ZEROS UINT64_C(1)

static const guint8 qcow2_magic[] = {'Q', 'F', 'I', 0xfb};

static guint32 be32(const guint8 *at)
{
    guint32 n;
    memcpy(&n, at, sizeof n);
    return GUINT32_FROM_BE(n);
}

static guint64 be64(const guint8 *at)
{
    guint64 n;
    memcpy(&n, at, sizeof n);
    return GUINT64_FROM_BE(n);
}

static gboolean read_exactly(int fd, guint64 offset, void *out, gsize n)
{
    return offset <= G_MAXINT64 - n && pread(fd, out, n, (off_t)offset) == (ssize_t)n;
}

gboolean lsb_qcow2_has_magic(const guint8 *start, gsize n)
{
    return n >= sizeof qcow2_magic && memcmp(start, qcow2_magic, sizeof qcow2_magic) == 0;
}

static void read_backing_name(LsbQcow2 *q, int fd, guint64 offset, guint32 size)
{
    char name[LONGEST_BACKING_NAME + 1];
    size = MIN(size, LONGEST_BACKING_NAME);
    q->has_backing_file = TRUE;
    q->backing_file = g_strndup(name, read_exactly(fd, offset, name, size) ? size : 0);
}

const char *lsb_qcow2_open(LsbQcow2 *q, int fd)
{
    guint8 h[HEADER_V3] = {0};
    memset(q, 0, sizeof *q);
    if (!read_exactly(fd, 0, h, HEADER_V2))
        return "its header is cut short";
    guint32 version = be32(h + AT_VERSION);
    if (version != 2 && version != 3)
        return "its version is neither 2 nor 3";
    if (version == 3 && !read_exactly(fd, 0, h, HEADER_V3))
        return "its header is cut short";
    guint64 features = version == 3 ? be64(h + AT_INCOMPATIBLE) : 0;
    q->size = be64(h + AT_SIZE);
    q->cluster_bits = be32(h + AT_CLUSTER_BITS);
    q->l1_offset = be64(h + AT_L1_OFFSET);
    q->l1_count = be32(h + AT_L1_COUNT);
    q->is_encrypted = be32(h + AT_CRYPT) != 0;
    q->has_data_file = (features & DATA_FILE) != 0;
    q->entry_size = features & EXTENDED_L2 ? 16 : 8;
    if (q->cluster_bits < LEAST_CLUSTER_BITS || q->cluster_bits > MOST_CLUSTER_BITS)
        return "its cluster size is impossible";
    q->l2_bits = q->cluster_bits - (q->entry_size == 16 ? 4 : 3);
    if (be64(h + AT_BACKING))
        read_backing_name(q, fd, be64(h + AT_BACKING), be32(h + AT_BACKING_SIZE));
    return NULL;
}

gboolean lsb_qcow2_read(const LsbQcow2 *q, int fd, guint64 offset, guint8 *out, gsize n)
{
    guint8 entry[8];
    guint64 cluster = offset >> q->cluster_bits, l1 = cluster >> q->l2_bits;
    guint64 l2 = cluster & ((UINT64_C(1) << q->l2_bits) - 1);
    if (offset >= q->size || n > q->size - offset || l1 >= q->l1_count)
        return FALSE;
    if (!read_exactly(fd, q->l1_offset + l1 * 8, entry, 8))
        return FALSE;
    guint64 table = be64(entry) & OFFSET_MASK;
    memset(out, 0, n);
    if (!table)
        return TRUE;
    if (!read_exactly(fd, table + l2 * q->entry_size, entry, 8) || be64(entry) & COMPRESSED)
        return FALSE;
    guint64 data = be64(entry) & OFFSET_MASK;
    if (!data || (q->entry_size == 8 && be64(entry) & READS_AS_ZEROS))
        return TRUE;
    return read_exactly(fd, data + (offset & ((UINT64_C(1) << q->cluster_bits) - 1)), out, n);
}
