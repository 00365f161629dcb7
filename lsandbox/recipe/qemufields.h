/*
 * The fields of a machine that go past us to QEMU: `qemu` (arguments and environment), `devices`
 * (of the host), `graphics`. Embedded in the description.
 */
#ifndef LSANDBOX_RECIPE_QEMUFIELDS_H
#define LSANDBOX_RECIPE_QEMUFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

typedef struct {
    gboolean set;
    char **args;
    GPtrArray *env; /* "NAME=value"; NULL: none */
} LsbQemu;

typedef enum { LSB_DEVICE_USB, LSB_DEVICE_PCI } LsbDeviceType;

/* A device of the host, found there when the recipe was read. */
typedef struct {
    LsbDeviceType type;
    guint vendor, product; /* usb; 0: not said */
    guint bus, device;     /* usb: where it is now; also where vendor and product say which */
    guint domain, slot, function; /* pci, with bus */
    char *address;                /* pci: "0000:00:1f.0" */
    char *group;                  /* pci: number of its IOMMU group */
    gboolean managed;             /* libvirt takes it from its driver, and gives it back */
} LsbDevice;

typedef enum { LSB_GRAPHICS_NONE, LSB_GRAPHICS_VNC, LSB_GRAPHICS_SPICE } LsbGraphicsType;

typedef struct {
    LsbGraphicsType type;
    char *socket; /* absolute; NULL where LISTEN is not, too: one in the sandbox's own directory */
    char *listen; /* address; NULL: a unix socket */
    guint port;   /* with LISTEN */
    char *password; /* or NULL */
} LsbGraphics;

/* Parsers (fields.h). OUT points to an LsbQemu; a GPtrArray * of LsbDevice; an LsbGraphics. */
gboolean lsb_qemu_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);

void lsb_qemu_clear(LsbQemu *qemu);

#endif
