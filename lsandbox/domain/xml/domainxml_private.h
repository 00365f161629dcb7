/*
 * What the files that write the domain XML share: domainxml.c has what both kinds have,
 * machinexml.c and containerxml.c the rest of each, in the order of libvirt's schema as far as that
 * asks for one.
 */
#ifndef LSANDBOX_DOMAINXML_PRIVATE_H
#define LSANDBOX_DOMAINXML_PRIVATE_H

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"

void lsb_domain_put_machine(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);
void lsb_domain_put_container(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);

/* The interfaces of the recipe's network. SHAPE: see LsbDomainParts. */
void lsb_domain_put_network(LsbXml *w, const LsbDescription *d, gboolean shape);
/* How 9p carries owners and modes; see lsb_domain_put_filesystem(). */
typedef enum { LSB_NO_9P, LSB_9P_SQUASH, LSB_9P_MAPPED } LsbNinep;

/* The host directory SOURCE at TARGET: a 9p tag, or a path. */
void lsb_domain_put_filesystem(LsbXml *w, const char *source, const char *target, gboolean readonly,
                               LsbNinep ninep);

/* --- limitxml.c --- */

void lsb_domain_put_vcpu(LsbXml *w, const LsbDescription *d);
/* OWN_GROUPS: the control groups are ours to make, so libvirt is told only of the rest. */
void lsb_domain_put_tuning(LsbXml *w, const LsbDescription *d, gboolean own_groups);
/* <iotune> of the disk TAG, inside its <disk>; nothing where the recipe gives it no rates. */
void lsb_domain_put_disk_rates(LsbXml *w, const LsbTuning *t, const char *tag);
/* A machine's disks, by their files. */
void lsb_domain_put_disks(LsbXml *w, const LsbDescription *d);
/* A container's, by the block devices that the host made of them, as many as it has disks. */
void lsb_domain_put_devices(LsbXml *w, const LsbDescription *d, char *const *devices);

#endif
