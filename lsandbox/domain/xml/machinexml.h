/* TODO: say what machinexml is about. */
#ifndef LSANDBOX_DOMAIN_XML_MACHINEXML_H
#define LSANDBOX_DOMAIN_XML_MACHINEXML_H

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "recipe/description.h"

void lsb_domain_put_machine(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);

#endif
