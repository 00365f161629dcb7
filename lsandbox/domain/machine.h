/* TODO: say what machine is about. */
#ifndef LSANDBOX_DOMAIN_MACHINE_H
#define LSANDBOX_DOMAIN_MACHINE_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"

/*
 * Start a domain that carries D out, into DOMAIN, which lsb_domain_init() has made. Blocking; any
 * thread. FALSE: lsb_domain_end() still has to clear what was started. Errors: those of the
 * connection, the boot image, the accelerator; LSB_ERROR_LIBVIRT, LSB_ERRNO.
 */
gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error);

/* End what was started from a template, which does not do as it should for WHY, and start cold. */
gboolean lsb_machine_start_again(const LsbDescription *d, LsbDomain *domain, const char *why,
                                 GError **error);

/*
 * The domain XML without starting anything, as far as it can be known before. NULL with an error.
 */
char *lsb_machine_xml(const LsbDescription *d, GError **error);

#endif
