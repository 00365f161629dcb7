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

/* RELAY, JAIL and DISPLAY are paths in the machine's own directory, once that is made. */
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

/* The launcher, where the driver has one; libvirt probes QEMU through it. */
gboolean lsb_machine_find_launcher(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                   GError **error);

/* Whether QEMU's user can open the images. */
gboolean lsb_machine_check_images(const LsbPlan *plan, const LsbConnection *c, GError **error);

/* For the domain XML; borrowed from P. CONSOLE may be NULL. */
LsbDomainParts lsb_machine_domain_parts(const LsbMachineParts *p, const char *console,
                                        LsbDriver driver, const LsbSeclabel *seclabel);

#endif
