/*
 * The initrd of a machine: an uncompressed newc cpio archive with the guest init and the modules
 * (bootimage.h says what is in it).
 */
#ifndef LSANDBOX_BOOTIMAGE_INITRD_H
#define LSANDBOX_BOOTIMAGE_INITRD_H

#include <glib.h>

#include "bootimage/modules.h"

/*
 * Write an initrd to FD. The same input gives the same bytes. FALSE with LSB_ERROR_FAILED (FD
 * cannot be written) or an error of lsb_module_read().
 */
gboolean lsb_initrd_write(int fd, GBytes *guest_init, const LsbModules *modules, GError **error);

#endif
