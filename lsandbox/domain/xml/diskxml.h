/* Disks in the domain XML: libvirt.org/formatdomain.html, "Hard drives, floppy disks, CDROMs". */
#ifndef LSANDBOX_DOMAIN_XML_DISKXML_H
#define LSANDBOX_DOMAIN_XML_DISKXML_H

#include <glib.h>

#include "domain/xml/xml.h"
#include "plan/plan.h"

/* A machine's disks, by their files. */
void lsb_domain_put_disks(LsbXml *w, const LsbPlan *plan);

/*
 * A container's disks. DEVICES: LsbPlanDisk to the path of the block device that the host has made
 * of its image; a disk without one is left out. NULL before the start.
 */
void lsb_domain_put_devices(LsbXml *w, const LsbPlan *plan, GHashTable *devices);

#endif
