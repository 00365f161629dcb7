/* The kernel command line of a machine. */
#ifndef LSANDBOX_DOMAIN_XML_KERNELCMDLINE_H
#define LSANDBOX_DOMAIN_XML_KERNELCMDLINE_H

#include "domain/xml/domainxml.h"
#include "recipe/description.h"

/* The command line that PARTS and D need. Caller frees. */
char *lsb_kernel_command_line(const LsbDescription *d, const LsbDomainParts *parts);

#endif
