/*
 * The security label of a domain, as libvirt's XML has it. libvirt.org/formatdomain.html, "Security
 * label".
 */
#ifndef LSANDBOX_DOMAIN_XML_SECURITYXML_H
#define LSANDBOX_DOMAIN_XML_SECURITYXML_H

#include <glib.h>

#include "domain/xml/xml.h"
#include "recipe/identity/securityfields.h"

typedef struct {
    const char *type; /* libvirt's word; NULL: no element, libvirt decides */
    char *model, *label, *baselabel;
    const char *relabel; /* "yes", "no", or NULL */
} LsbSeclabel;

void lsb_seclabel_clear(LsbSeclabel *label);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LsbSeclabel, lsb_seclabel_clear)

/* The recipe's label, for the domain XML before a start. */
void lsb_seclabel_preview(const LsbSecurity *security, LsbSeclabel *label);

/* <seclabel/>; nothing where LABEL is NULL or has no type. */
void lsb_seclabel_put(LsbXml *w, const LsbSeclabel *label);

#endif
