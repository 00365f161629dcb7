/*
 * Reading a qcow2 image as far as we must before QEMU does: what it refers to, how large it is, and
 * a few bytes of its contents, to see which filesystem is on it. The image may be a hostile guest's
 * work: every number is checked, nothing is allocated by its word, and no other file is opened.
 * Format: QEMU's docs/interop/qcow2.txt.
 */
#ifndef LSANDBOX_RECIPE_QCOW2_H
#define LSANDBOX_RECIPE_QCOW2_H

#include <glib.h>

typedef struct {
    guint64 size; /* of the disk, in bytes */
    gboolean has_backing_file, has_data_file, is_encrypted;
    char *backing_file; /* the name as it stands in the image; g_free() */
    /* private */
    guint cluster_bits, l2_bits, entry_size;
    guint64 l1_offset;
    guint32 l1_count;
} LsbQcow2;

/* Whether these first bytes are those of a qcow2 image (any version). */
gboolean lsb_qcow2_has_magic(const guint8 *start, gsize n);

/* Read the header. NULL, or what is wrong with it. */
const char *lsb_qcow2_open(LsbQcow2 *q, int fd);

/*
 * The N bytes (within one cluster: at most 512) at OFFSET of the disk into OUT. FALSE where they
 * cannot be told: outside of the disk or the file, or compressed. What was never written is zero.
 */
gboolean lsb_qcow2_read(const LsbQcow2 *q, int fd, guint64 offset, guint8 *out, gsize n);

#endif
