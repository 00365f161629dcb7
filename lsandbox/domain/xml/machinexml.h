/* The part of the domain XML that only a machine has. */
#ifndef LSANDBOX_DOMAIN_XML_MACHINEXML_H
#define LSANDBOX_DOMAIN_XML_MACHINEXML_H

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "plan/plan.h"

void lsb_domain_put_machine(LsbXml *w, const LsbPlan *plan, const LsbDomainParts *parts);

#endif
