/*
 * Reading as much of a qcow2 image as is needed before QEMU opens it: which files it refers to, its
 * size, and a few bytes of the disk, to see which filesystem is on it. A hostile guest may have
 * written the image. Therefore every number is checked, none decides how much memory is allocated,
 * and no other file is opened. Format: QEMU's docs/interop/qcow2.txt.
 */
#ifndef LSANDBOX_RECIPE_QCOW2_H
#define LSANDBOX_RECIPE_QCOW2_H

#include <glib.h>

typedef struct {
    guint64 size; /* of the disk, in bytes */
    gboolean has_backing_file, has_data_file, is_encrypted;
    char *backing_file; /* the name as it stands in the image; the caller frees it */
    /* for lsb_qcow2_read() */
    guint cluster_bits, l2_bits, entry_size;
    guint64 l1_offset;
    guint32 l1_count;
} LsbQcow2;

/* Whether START, the first N bytes of a file, are those of a qcow2 image of any version. */
gboolean lsb_qcow2_has_magic(const guint8 *start, gsize n);

/* Read the header. NULL, or what is wrong with it, as the end of a sentence. Static. */
const char *lsb_qcow2_open(LsbQcow2 *q, int fd);

/*
 * Read N bytes (at most 512, in one cluster) at OFFSET of the disk into OUT; bytes that were never
 * written are zeros. FALSE: they lie outside the disk or the file, or are compressed.
 */
gboolean lsb_qcow2_read(const LsbQcow2 *q, int fd, guint64 offset, guint8 *out, gsize n);

#endif
