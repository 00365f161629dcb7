/*
 * The field devices of a recipe: USB and PCI devices of the host, which must exist when it is read.
 */
#ifndef LSANDBOX_RECIPE_DEVICEFIELDS_H
#define LSANDBOX_RECIPE_DEVICEFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to a GPtrArray * of LsbDevice. */
gboolean lsb_devices_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);
void lsb_device_free(gpointer device);

/* Where sysfs is mounted. Tests set another directory. */
extern const char *lsb_devices_sysfs;

#endif
