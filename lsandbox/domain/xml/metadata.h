/*
 * The metadata in the XML of lsandbox's domains: the mark by which they are known, their labels,
 * and how the user has reached into QEMU. Other processes read it, and any user of the same libvirt
 * may have written it.
 */
#ifndef LSANDBOX_DOMAIN_XML_METADATA_H
#define LSANDBOX_DOMAIN_XML_METADATA_H

#include <glib.h>

#include "domain/xml/xml.h"

/* The namespace of the element; a name, not an address. */
#define LSB_METADATA_URI    "urn:lsandbox:domain:1"
#define LSB_METADATA_PREFIX "lsandbox"

/* How the user has reached past lsandbox into QEMU; bits. */
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

/*
 * Read the element: its labels (LsbLabel; caller unrefs) and its taint. Anything that
 * lsb_metadata_put() would not write is skipped.
 */
GPtrArray *lsb_metadata_read(const char *text, guint *taint);

#endif
