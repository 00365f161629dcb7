/* The parts of a machine's domain XML that come from `qemu`, `devices` and `graphics`. */
#ifndef LSANDBOX_DOMAIN_XML_QEMUXML_H
#define LSANDBOX_DOMAIN_XML_QEMUXML_H

#include <glib.h>

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"
#include "recipe/description.h"

/* Whether the machine needs a USB bus. */
gboolean lsb_qemu_has_usb(const LsbDescription *d);

/* Inside <devices>. */
void lsb_qemu_put_graphics(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);
void lsb_qemu_put_devices(LsbXml *w, const LsbDescription *d);

/* Inside <qemu:commandline>: the recipe's arguments and environment, and the path of the jail file
 * for the launcher (NULL: no launcher). */
void lsb_qemu_put_commandline(LsbXml *w, const LsbDescription *d, const char *jail);

#endif
