/* The part of the domain XML that only a container has: its OS, id maps and devices. */
#ifndef LSANDBOX_DOMAIN_XML_CONTAINERXML_H
#define LSANDBOX_DOMAIN_XML_CONTAINERXML_H

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"

void lsb_domain_put_container(LsbXml *w, const LsbPlan *plan, const LsbDomainParts *parts);

#endif
