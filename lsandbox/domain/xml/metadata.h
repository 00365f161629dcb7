/*
 * What a domain of ours carries in its XML's metadata: the mark by which it is known, its labels,
 * and what of QEMU the user has reached into. Another process reads it: what comes back from
 * libvirt may have been written by anybody who may use the same libvirt.
 */
#ifndef LSANDBOX_DOMAIN_XML_METADATA_H
#define LSANDBOX_DOMAIN_XML_METADATA_H

#include <glib.h>

#include "domain/xml/xml.h"

/* The namespace of our element; a name, not an address. */
#define LSB_METADATA_URI    "urn:lsandbox:domain:1"
#define LSB_METADATA_PREFIX "lsandbox"

/* How the user has reached past us into QEMU; bits. */
typedef enum {
    LSB_TAINT_ARGS = 1,    /* qemu.args */
    LSB_TAINT_ENV = 2,     /* qemu.env */
    LSB_TAINT_MONITOR = 4, /* sb:qemu_monitor */
} LsbTaint;

/* The names of the bits, in their order, ended by NULL: "qemu.args" ... */
extern const char *const lsb_taint_names[];

/* The element as virDomainSetMetadata() takes it, and in the domain's XML. LABELS (of LsbLabel) may
 * be NULL. Caller frees. */
char *lsb_metadata_text(GPtrArray *labels, guint taint);
void lsb_metadata_put(LsbXml *w, GPtrArray *labels, guint taint);

/* Read the element: labels (a GPtrArray, the caller's) and taint. What is not as we write it is
 * passed over. */
GPtrArray *lsb_metadata_read(const char *text, guint *taint);

#endif
