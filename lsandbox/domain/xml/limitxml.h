/*
 * Limits in the domain XML: libvirt.org/formatdomain.html, "CPU Allocation" to "NUMA Node Tuning".
 */
#ifndef LSANDBOX_DOMAIN_XML_LIMITXML_H
#define LSANDBOX_DOMAIN_XML_LIMITXML_H

#include <glib.h>

#include "domain/xml/xml.h"
#include "recipe/description.h"
#include "recipe/limitfields.h"

/* <vcpu>: how many processors, how many of them at first, and on which of the host's. */
void lsb_domain_put_vcpu(LsbXml *w, const LsbDescription *d);

/* OWN_GROUPS: lsandbox makes the control groups, so libvirt is told only the other limits. */
void lsb_domain_put_tuning(LsbXml *w, const LsbDescription *d, gboolean own_groups);

/* <iotune> of the disk TAG, inside its <disk>; nothing where the recipe gives it no rates. */
void lsb_domain_put_disk_rates(LsbXml *w, const LsbTuning *t, const char *tag);

#endif
