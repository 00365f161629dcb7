/*
 * Shared by the files that write the domain XML: domainxml.c writes what both kinds have,
 * machinexml.c and containerxml.c the rest of each, in the order of libvirt's schema where it asks
 * for one.
 */
#ifndef LSANDBOX_DOMAIN_XML_DOMAINXML_PRIVATE_H
#define LSANDBOX_DOMAIN_XML_DOMAINXML_PRIVATE_H

#include <glib.h>

#include "domain/xml/domainxml.h"
#include "domain/xml/xml.h"

/* How 9p carries owners and modes; see lsb_domain_put_filesystem(). */
typedef enum { LSB_NO_9P, LSB_9P_SQUASH, LSB_9P_MAPPED } LsbNinep;

/* The host directory SOURCE at TARGET: a 9p tag, or a path. */
void lsb_domain_put_filesystem(LsbXml *w, const char *source, const char *target, gboolean readonly,
                               LsbNinep ninep);

#endif
