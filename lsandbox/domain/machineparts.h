/* What the host has for a machine, found before anything is made for it. Blocking; any thread. */
#ifndef LSANDBOX_DOMAIN_MACHINEPARTS_H
#define LSANDBOX_DOMAIN_MACHINEPARTS_H

#include <glib.h>

#include "bootimage/bootimage.h"
#include "domain/domain.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"

/*
 * What a machine is made of. RELAY, JAIL and DISPLAY are paths in the machine's own directory, and
 * NULL until that is made (machinehost.h).
 */
typedef struct {
    LsbAccel accel;
    char *qemu, *firmware, *launcher, *relay, *jail, *display;
    LsbBootImage *boot;
    char **modules; /* those of the boot image that this recipe needs; names borrowed from BOOT */
} LsbMachineParts;

void lsb_machine_parts_clear(LsbMachineParts *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LsbMachineParts, lsb_machine_parts_clear)

/*
 * The accelerator, QEMU, the boot image (in the cache at CACHE) and the firmware. Errors:
 * LSB_ERROR_NO_KVM, LSB_ERROR_NO_QEMU, those of lsb_boot_image_get(), LSB_ERROR_NO_MODULE.
 */
gboolean lsb_machine_find_parts(const LsbPlan *plan, const char *cache, LsbMachineParts *p,
                                GError **error);

/*
 * Where the domain's driver uses lsandbox's launcher, set it in P and let libvirt probe QEMU
 * through it. Errors: those of lsb_emulator_launcher(), lsb_connection_probe();
 * LSB_ERROR_UNSUPPORTED.
 */
gboolean lsb_machine_find_launcher(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                   GError **error);

/*
 * Whether this process, and the user that QEMU becomes, can open the images. Errors: those of
 * lsb_image_open(); LSB_ERROR_NO_PERMISSION.
 */
gboolean lsb_machine_check_images(const LsbPlan *plan, const LsbConnection *c, GError **error);

/* What the domain XML needs of P; borrowed from P. CONSOLE may be NULL. */
LsbDomainParts lsb_machine_domain_parts(const LsbMachineParts *p, const char *console,
                                        LsbDriver driver, const LsbSeclabel *seclabel);

#endif
