/*
 * The inside of a kernel image: the setup header of a bzImage, the packed ELF kernel in it, and the
 * trimmed ELF that QEMU enters by its PVH entry note. All functions work on bytes in memory, which
 * may be damaged or hostile; none opens a file.
 */
#ifndef LSANDBOX_BOOTIMAGE_VMLINUX_H
#define LSANDBOX_BOOTIMAGE_VMLINUX_H

#include <glib.h>

/* No kernel is larger, unpacked. */
#define LSB_VMLINUX_MOST ((gsize)1 << 30)

/*
 * So many bytes from the start of a bzImage hold its setup header and its release, because there
 * are at most 255 setup sectors of 512 bytes.
 */
enum { LSB_BZIMAGE_HEAD = 256 * 512 };

typedef struct {
    guint protocol;   /* boot protocol, e.g. 0x20f */
    char release[65]; /* e.g. "6.1.0-56-amd64", fit for a path; "": the header does not say */
    guint64 payload;  /* offset of the packed kernel in the file; 0: the header does not say */
    guint64 payload_size; /* bytes, including the 4 at the end that hold the unpacked size */
} LsbBzImage;

/* Whether DATA, of SIZE bytes, begins as an ELF file does. */
gboolean lsb_is_elf(const void *data, gsize size);

/*
 * Read the setup header (Documentation/arch/x86/boot.rst) from DATA, the first HAVE bytes of a file
 * of FILE_SIZE bytes. FALSE with LSB_ERROR_NO_KERNEL (not a bzImage, or cut short). The message has
 * no file name; the caller puts it in front.
 */
gboolean lsb_bzimage_parse(const guint8 *data, gsize have, guint64 file_size, LsbBzImage *image,
                           GError **error);

/*
 * The ELF kernel that is packed in a whole bzImage. Caller unrefs. NULL with LSB_ERROR_NO_KERNEL or
 * LSB_ERROR_FAILED.
 */
GBytes *lsb_vmlinux_unpack(GBytes *bzimage, GError **error);

/*
 * A copy of an ELF kernel with only its program headers and segments. Each segment is cut before
 * its zeros at the end, which the loader makes again, because p_memsz stays. Caller unrefs. NULL
 * with LSB_ERROR_FAILED if ELF is not for x86-64, is damaged, or has no PVH entry note, without
 * which QEMU cannot enter it.
 */
GBytes *lsb_vmlinux_trim(GBytes *elf, GError **error);

/* The release in an ELF kernel's banner, "Linux version RELEASE ...", or NULL. Caller frees. */
char *lsb_vmlinux_release(GBytes *elf);

/* Whether TEXT can be a kernel's release: it is not empty, and harmless as a part of a path. */
gboolean lsb_release_valid(const char *text);

#endif
