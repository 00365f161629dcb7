/* Devices of the host: `devices`. What a row says must be there before libvirt is asked. */
#ifndef LSANDBOX_RECIPE_DEVICEFIELDS_H
#define LSANDBOX_RECIPE_DEVICEFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

gboolean lsb_devices_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);
void lsb_device_free(gpointer device);

/* Where sysfs is mounted; tests put one of their own here. */
extern const char *lsb_devices_sysfs;

#endif
