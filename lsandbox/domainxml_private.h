/*
 * What the files that write the domain XML share: domainxml.c has what both kinds have,
 * machinexml.c and containerxml.c the rest of each, in the order of libvirt's schema as far as that
 * asks for one.
 */
#ifndef LSANDBOX_DOMAINXML_PRIVATE_H
#define LSANDBOX_DOMAINXML_PRIVATE_H

#include "domainxml.h"
#include "xml.h"

void lsb_domain_put_machine(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);
void lsb_domain_put_container(LsbXml *w, const LsbDescription *d, const LsbDomainParts *parts);

/* The host directory SOURCE at TARGET: a 9p tag, or a path. */
void lsb_domain_put_filesystem(LsbXml *w, const char *source, const char *target, gboolean readonly,
                               gboolean ninep);

/* A machine's disks, by their files. */
void lsb_domain_put_disks(LsbXml *w, const LsbDescription *d);
/* A container's, by the block devices that the host made of them, as many as it has disks. */
void lsb_domain_put_devices(LsbXml *w, const LsbDescription *d, char *const *devices);

#endif
