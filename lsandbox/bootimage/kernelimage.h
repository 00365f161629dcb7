/*
 * Which kernel a machine boots: finds the images and module directories of the host, best first,
 * and reads an image after checking that it is one. Whether a kernel has the modules we need is
 * modules.h.
 */
#ifndef LSANDBOX_BOOTIMAGE_KERNELIMAGE_H
#define LSANDBOX_BOOTIMAGE_KERNELIMAGE_H

#include <glib.h>

#include "bootimage/bootimage.h"

typedef struct {
    char *release; /* e.g. "6.1.0-56-amd64" */
    char *image;   /* e.g. "/boot/vmlinuz-6.1.0-56-amd64" */
    char *modules; /* e.g. "/lib/modules/6.1.0-56-amd64"; may be missing */
} LsbKernel;

/* NULL is fine. */
void lsb_kernel_free(LsbKernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbKernel, lsb_kernel_free)

/*
 * The kernels that the request allows, best first: the named one; or the running one, then by
 * release, newest first. Only names are looked at, nothing is opened, except that a path without a
 * version is read for its release. Returns LsbKernel, at least one; caller unrefs. Errors:
 * LSB_ERROR_NO_KERNEL, LSB_ERROR_NO_PERMISSION.
 */
GPtrArray *lsb_kernel_candidates(const LsbBootRequest *request, GError **error);

/*
 * The bytes of a kernel image, checked to be a bzImage or an ELF file. Errors: LSB_ERROR_NO_KERNEL,
 * LSB_ERROR_NO_PERMISSION, LSB_ERRNO. Caller unrefs.
 */
GBytes *lsb_kernel_read(const char *path, GError **error);

/* Order of releases as by strverscmp(3): below, equal to or above 0 as A is older, equal, newer
 * than B. */
int lsb_kernel_compare_releases(const char *a, const char *b);

/* What to install on a distribution. Static storage. */
typedef struct {
    const char *id;      /* ID in os-release(5) */
    const char *kernel;  /* package with a kernel that has all we need */
    const char *modules; /* package with 9p, for a kernel that is split over packages */
} LsbKernelPackages;

/* The row for an ID and an ID_LIKE of os-release(5), each may be NULL; never NULL itself. */
const LsbKernelPackages *lsb_kernel_packages_of(const char *id, const char *id_like);

/* The row for this host. */
const LsbKernelPackages *lsb_kernel_packages(void);

#endif
