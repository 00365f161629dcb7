/*
 * The boot image: what a machine starts from. A kernel that QEMU can enter at once (PVH ELF made
 * from vmlinuz where it has the entry note, else vmlinuz itself) and an initrd with the guest init
 * and the modules it loads. Both live in the cache, keyed by everything that goes in, so a second
 * start only looks. Knows nothing of libvirt, recipes or Lua. Blocking; may be called from any
 * thread.
 */
#ifndef LSANDBOX_BOOTIMAGE_BOOTIMAGE_H
#define LSANDBOX_BOOTIMAGE_BOOTIMAGE_H

#include <glib.h>

/* What to look for; any field may be NULL for the default. Borrowed for the call. */
typedef struct {
    const char *version; /* kernel release, e.g. "6.1.0-56-amd64" */
    const char *path;    /* kernel image file */
    const char *modules; /* directory with modules.dep, e.g. /lib/modules/6.1.0-56-amd64 */
    const char *const *extra_modules; /* NULL-terminated names to load as well */
    const char *const *disk_modules;  /* the same, for its disks; NULL or empty: it has none */
    const char *guest_init;           /* path of the static lsandbox-init; required */
    const char *cache_dir; /* required; made when missing, mode 0755 as root, else 0700 */
    const char *sysroot;   /* where boot/ and lib/modules/ are looked for; NULL: "/" */
} LsbBootRequest;

typedef struct {
    char *release;          /* kernel release, e.g. "6.1.0-56-amd64" */
    char *source;           /* the kernel image it was made from */
    char *kernel;           /* file for -kernel */
    char *initrd;           /* file for -initrd */
    gboolean pvh;           /* kernel is an uncompressed ELF with a PVH entry */
    char **overlay_modules; /* file names in the initrd's /modules that overlayfs needs, load order;
                               empty when built in. Loaded where the command line names them */
    char **network_modules; /* the same for interfaces: virtio_net */
    gboolean has_network;   /* the kernel knows virtio_net, built in or as a module */
    gboolean has_overlay;   /* the kernel knows overlayfs, built in or as modules */
} LsbBootImage;

/*
 * Find a kernel with its modules, check it (exists, readable, has virtio, virtio_console, 9p), and
 * make or find its boot image. Without a path or version asked for: the running kernel where it can
 * be used, else the newest that can.
 *
 * The initrd is uncompressed: /init (the guest init), /dev/console, empty /proc, /sys, /dev,
 * /newroot, and /modules with the modules (never compressed) and boot.list: a file name a line, in
 * the order to load. Some may fail to load: soft dependencies of extra modules, e.g. one for
 * another processor.
 *
 * Errors: LSB_ERROR_NO_KERNEL (nothing found, or not a kernel: names what was looked at and the
 * package to install), LSB_ERROR_NO_PERMISSION (the image cannot be read: names the chmod; or the
 * cache directory is not safe), LSB_ERROR_NO_MODULE (a flavour without 9p, e.g. Debian's cloud
 * kernel: names the package that has one), LSB_ERROR_NOT_FOUND (no guest init), LSB_ERRNO (the
 * cache cannot be written).
 */
LsbBootImage *lsb_boot_image_get(const LsbBootRequest *request, GError **error);
void lsb_boot_image_free(LsbBootImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbBootImage, lsb_boot_image_free)

#endif
