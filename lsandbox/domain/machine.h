/* Starting a machine: a domain of QEMU that boots the guest init from a boot image. */
#ifndef LSANDBOX_DOMAIN_MACHINE_H
#define LSANDBOX_DOMAIN_MACHINE_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"

/*
 * Start a domain for D, into DOMAIN, which lsb_domain_init() has made. Blocking; any thread. FALSE:
 * lsb_domain_end() still has to end the parts that were started. Errors: those of the connection,
 * the boot image, the accelerator; LSB_ERROR_LIBVIRT, LSB_ERRNO.
 */
gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error);

/* End a machine that was started from a template and does not work, because of WHY; start cold. */
gboolean lsb_machine_start_again(const LsbDescription *d, LsbDomain *domain, const char *why,
                                 GError **error);

/* The domain XML without a start, as far as it can be known before. NULL with an error. */
char *lsb_machine_xml(const LsbDescription *d, GError **error);

#endif
