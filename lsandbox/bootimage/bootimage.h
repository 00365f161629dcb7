/*
 * The boot image that a machine starts from: a kernel that QEMU can enter at once (an ELF with a
 * PVH entry, unpacked from vmlinuz, or vmlinuz itself where the kernel has no such entry), and an
 * initrd with the guest init and the modules that it loads. Both lie in the cache under a key that
 * covers every input, so that a second start only looks them up. This file knows nothing of
 * libvirt, recipes or Lua. Its functions block, and may be called from any thread.
 */
#ifndef LSANDBOX_BOOTIMAGE_BOOTIMAGE_H
#define LSANDBOX_BOOTIMAGE_BOOTIMAGE_H

#include <glib.h>

/* Which kernel to boot. NULL in a field is its default. The strings are borrowed for the call. */
typedef struct {
    const char *version; /* kernel release, e.g. "6.1.0-56-amd64" */
    const char *path;    /* kernel image file */
    const char *modules; /* directory with modules.dep, e.g. /lib/modules/6.1.0-56-amd64 */
    const char *const *extra_modules; /* NULL-terminated names to load as well */
    const char *const *disk_modules;  /* the same for disks; NULL or empty: the machine has none */
    const char *guest_init;           /* path of the static lsandbox-init; required */
    const char *cache_dir; /* required; made if missing, with mode 0755 by root, else 0700 */
    const char *sysroot;   /* where boot/ and lib/modules/ are looked for; NULL: "/" */
} LsbBootRequest;

typedef struct {
    char *release;          /* kernel release, e.g. "6.1.0-56-amd64" */
    char *source;           /* the kernel image that it was made from */
    char *kernel;           /* file for -kernel */
    char *initrd;           /* file for -initrd */
    gboolean pvh;           /* kernel is an uncompressed ELF with a PVH entry */
    char **overlay_modules; /* file names in the initrd's /modules that overlayfs needs, in load
                               order; empty when it is built in. The guest init loads them if the
                               kernel's command line names them */
    char **network_modules; /* the same for interfaces (virtio_net) */
    gboolean has_network;   /* the kernel knows virtio_net, built in or as a module */
    gboolean has_overlay;   /* the kernel knows overlayfs, built in or as modules */
} LsbBootImage;

/*
 * Find a kernel with its modules, check it (it can be read, and has virtio, virtio_console and 9p),
 * and find or make its boot image. If REQUEST names neither a path nor a version, this is the
 * running kernel, or the newest usable one if the running kernel is not usable. Caller frees.
 *
 * The initrd is not compressed. It holds /init (the guest init), /dev/console, the empty
 * directories /proc, /sys, /dev and /newroot, and /modules with the modules (not compressed either)
 * and boot.list, which names a file a line in load order. Some modules may fail to load: soft
 * dependencies of extra modules, such as one for another processor.
 *
 * NULL with LSB_ERROR_NO_KERNEL (no image found, or it is not a kernel; the message names the
 * places and the package to install), LSB_ERROR_NO_PERMISSION (the image cannot be read, the
 * message names the chmod; or others can write in the cache directory), LSB_ERROR_NO_MODULE (the
 * kernel lacks 9p, as Debian's cloud kernel does; the message names the package to install),
 * LSB_ERROR_NOT_FOUND (no guest init) or LSB_ERRNO (the cache cannot be written).
 */
LsbBootImage *lsb_boot_image_get(const LsbBootRequest *request, GError **error);
void lsb_boot_image_free(LsbBootImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbBootImage, lsb_boot_image_free)

#endif
