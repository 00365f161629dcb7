/*
 * The field qemu of a recipe (arguments and environment of QEMU), and the structures of the fields
 * qemu, devices and graphics, which only a machine has.
 */
#ifndef LSANDBOX_RECIPE_QEMUFIELDS_H
#define LSANDBOX_RECIPE_QEMUFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

typedef struct {
    gboolean set; /* the recipe has the field */
    char **args;
    GPtrArray *env; /* "NAME=value"; NULL: none */
} LsbQemu;

typedef enum { LSB_DEVICE_USB, LSB_DEVICE_PCI } LsbDeviceType;

/* A device of the host, which was found when the recipe was read. */
typedef struct {
    LsbDeviceType type;
    guint vendor, product; /* usb; 0: not set */
    guint bus, device;     /* usb: its present place, also if vendor and product name it */
    guint domain, slot, function; /* pci, beside BUS */
    char *address;                /* pci: "0000:00:1f.0" */
    char *group;                  /* pci: the number of its IOMMU group */
    gboolean managed;             /* libvirt unbinds the device from its driver for the time */
} LsbDevice;

typedef enum { LSB_GRAPHICS_NONE, LSB_GRAPHICS_VNC, LSB_GRAPHICS_SPICE } LsbGraphicsType;

typedef struct {
    LsbGraphicsType type;
    char *socket; /* absolute; NULL without LISTEN: a socket in the sandbox's run directory */
    char *listen; /* address; NULL: a unix socket */
    guint port;   /* with LISTEN */
    char *password; /* or NULL */
} LsbGraphics;

/* Parser (fields.h). OUT points to an LsbQemu. */
gboolean lsb_qemu_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);

/* Free what QEMU holds. */
void lsb_qemu_clear(LsbQemu *qemu);

#endif
