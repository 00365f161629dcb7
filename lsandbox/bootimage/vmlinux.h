/*
 * What is inside a kernel image: the setup header of a bzImage, the ELF kernel it carries packed,
 * and the trimmed ELF that QEMU enters by its PVH entry note. Everything works on bytes in memory,
 * which may be damaged or hostile; nothing here opens a file.
 */
#ifndef LSANDBOX_BOOTIMAGE_VMLINUX_H
#define LSANDBOX_BOOTIMAGE_VMLINUX_H

#include <glib.h>

/* No kernel is larger, unpacked. */
#define LSB_VMLINUX_MOST ((gsize)1 << 30)

/* This much from the start of a bzImage holds its setup header and its release: the most setup
 * sectors. */
enum { LSB_BZIMAGE_HEAD = 256 * 512 };

typedef struct {
    guint protocol;   /* boot protocol, e.g. 0x20f */
    char release[65]; /* e.g. "6.1.0-56-amd64"; "" when the header does not say (fit for a path) */
    guint64 payload;  /* offset in the file of the packed kernel; 0 when the header does not say */
    guint64 payload_size; /* with the 4 bytes at its end that hold the unpacked size */
} LsbBzImage;

/* Whether DATA, of SIZE bytes, begins as an ELF file does. */
gboolean lsb_is_elf(const void *data, gsize size);

/*
 * Read the setup header (Documentation/arch/x86/boot.rst) from the first HAVE bytes of a file of
 * FILE_SIZE bytes. Errors: LSB_ERROR_NO_KERNEL (no bzImage, or cut short); the message starts with
 * what is wrong, for the caller to put the file's name before it.
 */
gboolean lsb_bzimage_parse(const guint8 *data, gsize have, guint64 file_size, LsbBzImage *image,
                           GError **error);

/* The ELF kernel packed in a whole bzImage. Errors: LSB_ERROR_NO_KERNEL, LSB_ERROR_FAILED. */
GBytes *lsb_vmlinux_unpack(GBytes *bzimage, GError **error);

/*
 * A copy of an ELF kernel with its program headers and segments only, and of each segment only what
 * is before its tail of zeros (the loader makes these: p_memsz stays). Errors: LSB_ERROR_FAILED
 * when it is no 64-bit x86 ELF, is damaged, or has no PVH entry note, without which QEMU cannot
 * enter it.
 */
GBytes *lsb_vmlinux_trim(GBytes *elf, GError **error);

/* The release in an ELF kernel's banner, "Linux version RELEASE ...", or NULL. Caller frees. */
char *lsb_vmlinux_release(GBytes *elf);

/* Whether TEXT can be a kernel's release: not empty, and harmless as a part of a path. */
gboolean lsb_release_valid(const char *text);

#endif
