/* TODO: say what containerxml is about. */
#ifndef LSANDBOX_DOMAIN_XML_CONTAINERXML_H
#define LSANDBOX_DOMAIN_XML_CONTAINERXML_H

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "recipe/description.h"

void lsb_domain_put_container(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);

#endif
