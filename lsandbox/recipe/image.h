/*
 * Disk images of the host that a recipe names: their format and filesystem, which are found before
 * the start.
 *
 * The format is decided here once, and libvirt and QEMU are always told it. If the recipe does not
 * name it, the image's first bytes decide. A hostile guest may have written these, but gains
 * nothing: a qcow2 image that refers to another file (a backing file, a data file) is refused, and
 * an image that is writable counts as qcow2 only if the recipe says so, because else a guest could
 * turn its raw image into one that grows without bound. The domain XML ends the backing chain
 * explicitly, so that QEMU looks nothing up in the image either.
 */
#ifndef LSANDBOX_RECIPE_IMAGE_H
#define LSANDBOX_RECIPE_IMAGE_H

#include <glib.h>

typedef enum { LSB_IMAGE_RAW, LSB_IMAGE_QCOW2 } LsbImageFormat;

enum { LSB_IMAGE_GUESS = -1 }; /* a format or filesystem that the recipe does not name */

typedef struct {
    char *source;   /* absolute, canonical */
    int format;     /* LsbImageFormat, or LSB_IMAGE_GUESS until it has been checked */
    int filesystem; /* LsbFilesystemType; LSB_IMAGE_GUESS: none, or not looked for */
    gboolean readonly;
    gboolean is_block; /* a block device of the host, not a file */
} LsbImage;

/* The filesystems that can be mounted from an image. */
typedef enum {
    LSB_FS_EXT4, /* also ext2 and ext3, which the kernel's ext4 mounts */
    LSB_FS_XFS,
    LSB_FS_BTRFS,
    LSB_FS_SQUASHFS,
    LSB_FS_EROFS,
    LSB_FS_ISO9660,
    LSB_FS_VFAT,
    LSB_FILESYSTEMS
} LsbFilesystemType;

typedef struct {
    const char *name;          /* as mount(2) calls it */
    const char *modules[4];    /* names or aliases, for a machine's kernel */
    const char *options;       /* mount options; or NULL */
    const char *when_readonly; /* more options for a read-only mount; or NULL */
    gboolean always_readonly;
    gboolean takes_owner; /* its files have no owners, so that uid= and gid= give them one */
} LsbFilesystem;

/* By LsbFilesystemType; the last row has a NULL name. */
extern const LsbFilesystem lsb_filesystems[];

/* Words for lsb_field_enum(), by LsbImageFormat and by LsbFilesystemType. */
extern const char *const lsb_image_formats[];
extern const char *const lsb_filesystem_words[];

/*
 * Check the image, and fill in its format and, if it is to be MOUNTED, its filesystem. SOURCE is
 * the path of the field ("mounts[1].source", "root"), TABLE that of its table ("mounts[1]"). FALSE
 * with LSB_ERROR_INVALID.
 */
gboolean lsb_image_check(LsbImage *image, const char *table, const char *source, gboolean mounted,
                         GError **error);

/*
 * Open an image that has been checked, for reading or also for writing, and check its format again.
 * Caller closes. -1 with LSB_ERRNO or LSB_ERROR_INVALID.
 */
int lsb_image_open(const LsbImage *image, GError **error);

/*
 * The mount options of IMAGE, separated by commas; "" for none. OWNER_UID and OWNER_GID own the
 * files of a filesystem without owners. Caller frees.
 */
char *lsb_image_mount_options(const LsbImage *image, guint owner_uid, guint owner_gid);

/* Free what IMAGE holds. */
void lsb_image_clear(LsbImage *image);

#endif
