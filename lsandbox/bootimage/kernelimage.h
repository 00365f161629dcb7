/*
 * Which kernel a machine boots: the kernel images and module directories of the host, the best
 * first, and the bytes of an image that has been checked. Whether a kernel has the modules that a
 * machine needs is for modules.h.
 */
#ifndef LSANDBOX_BOOTIMAGE_KERNELIMAGE_H
#define LSANDBOX_BOOTIMAGE_KERNELIMAGE_H

#include <glib.h>

#include "bootimage/bootimage.h"

typedef struct {
    char *release; /* e.g. "6.1.0-56-amd64" */
    char *image;   /* e.g. "/boot/vmlinuz-6.1.0-56-amd64" */
    char *modules; /* e.g. "/lib/modules/6.1.0-56-amd64"; the directory may not exist */
} LsbKernel;

void lsb_kernel_free(LsbKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbKernel, lsb_kernel_free)

/*
 * The kernels that REQUEST allows (LsbKernel), at least one, the best first: the named one, or else
 * the running one and then the others from the newest release to the oldest. Only file names are
 * read, except that an image named by its path without a version is read for its release. Caller
 * unrefs. NULL with LSB_ERROR_NO_KERNEL or LSB_ERROR_NO_PERMISSION.
 */
GPtrArray *lsb_kernel_candidates(const LsbBootRequest *request, GError **error);

/*
 * The bytes of the kernel image at PATH, checked to be a bzImage or an ELF file. Caller unrefs.
 * NULL with LSB_ERROR_NO_KERNEL, LSB_ERROR_NO_PERMISSION or LSB_ERRNO.
 */
GBytes *lsb_kernel_read(const char *path, GError **error);

/*
 * Compare two releases by strverscmp(3): below 0 if A is older than B, 0 if the two are equal,
 * above 0 if A is newer.
 */
int lsb_kernel_compare_releases(const char *a, const char *b);

/* The packages to install on a distribution. Static storage. */
typedef struct {
    const char *id;      /* ID in os-release(5) */
    const char *kernel;  /* package with a kernel that has every module that a machine needs */
    const char *modules; /* package with 9p, for a kernel that is split over packages */
} LsbKernelPackages;

/* The row for ID and ID_LIKE of os-release(5), each of which may be NULL. Never returns NULL. */
const LsbKernelPackages *lsb_kernel_packages_of(const char *id, const char *id_like);

/* The row for this host. */
const LsbKernelPackages *lsb_kernel_packages(void);

#endif
