/* Decompressing kernels and kernel modules in memory. */
#ifndef LSANDBOX_BOOTIMAGE_UNPACK_H
#define LSANDBOX_BOOTIMAGE_UNPACK_H

#include <glib.h>

/*
 * Decompress DATA (gzip, bzip2, xz, lzma, zstd, or lz4, also in its legacy format) to at most MOST
 * bytes. DATA may come from a damaged or hostile file. Caller unrefs. NULL with LSB_ERROR_FAILED
 * (the format is unknown, the data is damaged, or the result would be larger than MOST).
 */
GBytes *lsb_unpack(const void *data, gsize size, gsize most, GError **error);

#endif
