/* TODO: say what container is about. */
#ifndef LSANDBOX_DOMAIN_CONTAINER_H
#define LSANDBOX_DOMAIN_CONTAINER_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"

gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error);
char *lsb_container_xml(const LsbDescription *d, GError **error);

#endif
