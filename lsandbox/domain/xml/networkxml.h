/* Interfaces in the domain XML: libvirt.org/formatdomain.html, "Network interfaces". */
#ifndef LSANDBOX_DOMAIN_XML_NETWORKXML_H
#define LSANDBOX_DOMAIN_XML_NETWORKXML_H

#include <glib.h>

#include "domain/xml/xml.h"
#include "recipe/description.h"

/* The interfaces of the recipe's network. SHAPE: see LsbDomainParts. */
void lsb_domain_put_network(LsbXml *w, const LsbDescription *d, gboolean shape);

#endif
