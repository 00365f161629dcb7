/* TODO: say what diskxml is about. */
#ifndef LSANDBOX_DOMAIN_XML_DISKXML_H
#define LSANDBOX_DOMAIN_XML_DISKXML_H

#include "domain/xml/xml.h"
#include "recipe/description.h"

/* A machine's disks, by their files. */
void lsb_domain_put_disks(LsbXml *w, const LsbDescription *d);

/* A container's, by the block devices that the host made of them, as many as it has disks. */
void lsb_domain_put_devices(LsbXml *w, const LsbDescription *d, char *const *devices);

#endif
