/* Decompression in memory: what kernels and kernel modules come packed in. */
#ifndef LSANDBOX_BOOTIMAGE_UNPACK_H
#define LSANDBOX_BOOTIMAGE_UNPACK_H

#include <glib.h>

/*
 * Decompress DATA (gzip, bzip2, xz, lzma, lz4 with its legacy frames, zstd), to at most MOST bytes.
 * The bytes may come from a damaged or hostile file. Errors: LSB_ERROR_FAILED (no known packing,
 * damaged, too large). Caller unrefs.
 */
GBytes *lsb_unpack(const void *data, gsize size, gsize most, GError **error);

#endif
