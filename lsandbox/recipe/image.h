/*
 * Disk images of the host, as the recipe names them: what they are, found out before libvirt is
 * asked for anything.
 *
 * The format is decided here, once, and said to libvirt and QEMU explicitly ever after. It is
 * guessed by the image's first bytes only where the recipe does not say it, and what a guest may
 * have written there gains nothing: a qcow2 image that refers to any other file (a backing file, a
 * data file) is refused, and one that is to be written must be said to be qcow2 by the recipe (else
 * a guest that has a raw image could turn it into one that grows beyond all bounds). The domain XML
 * has an explicit end of the backing chain, so nothing is looked up in the image later either.
 */
#ifndef LSANDBOX_RECIPE_IMAGE_H
#define LSANDBOX_RECIPE_IMAGE_H

#include <glib.h>

typedef enum { LSB_IMAGE_RAW, LSB_IMAGE_QCOW2 } LsbImageFormat;

enum { LSB_IMAGE_GUESS = -1 }; /* a format or filesystem that the recipe does not say */

typedef struct {
    char *source;   /* absolute, canonical */
    int format;     /* LsbImageFormat, or LSB_IMAGE_GUESS until it has been checked */
    int filesystem; /* index of lsb_filesystems; LSB_IMAGE_GUESS: none, or not looked for */
    gboolean readonly;
    gboolean is_block; /* a block device of the host, not a file */
} LsbImage;

/* A filesystem that can be mounted from an image. */
typedef struct {
    const char *name;          /* as mount(2) calls it */
    const char *modules[4];    /* names or aliases, for a machine's kernel */
    const char *options;       /* for every mount; or NULL */
    const char *when_readonly; /* besides, when nothing may be written: no replay of a journal */
    gboolean always_readonly;
    gboolean takes_owner; /* has no owners: uid= and gid= give one */
} LsbFilesystem;

extern const LsbFilesystem lsb_filesystems[];
/* For lsb_field_enum(). */
extern const char *const lsb_image_formats[];
extern const char *const lsb_filesystem_words[];

/*
 * Look at the image, fill in what the recipe did not say, and refuse what is none. SOURCE is the
 * field's path ("mounts[1].source", "root"), TABLE that of the table it is in ("mounts[1]").
 * MOUNTED: it has to have a filesystem. Error: LSB_ERROR_INVALID.
 */
gboolean lsb_image_check(LsbImage *image, const char *table, const char *source, gboolean mounted,
                         GError **error);

/*
 * Open it as it is to be used, and check again that it is what it was. -1: LSB_ERRNO,
 * LSB_ERROR_INVALID. Caller closes.
 */
int lsb_image_open(const LsbImage *image, GError **error);

/* Comma-separated mount options, never NULL. OWNER_UID and OWNER_GID: whose files they are on a
 * filesystem without owners. Caller frees. */
char *lsb_image_mount_options(const LsbImage *image, guint owner_uid, guint owner_gid);

void lsb_image_clear(LsbImage *image);

#endif
