/* Starting a container: a domain of libvirt's LXC driver whose init is the guest init. */
#ifndef LSANDBOX_DOMAIN_CONTAINER_H
#define LSANDBOX_DOMAIN_CONTAINER_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"

/* As lsb_machine_start(), for a container. */
gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error);

/* As lsb_machine_xml(), for a container; never fails. */
char *lsb_container_xml(const LsbDescription *d, GError **error);

#endif
