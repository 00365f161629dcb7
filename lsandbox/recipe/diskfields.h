/* The field disks of a recipe, and the checks of all of its disk images together. */
#ifndef LSANDBOX_RECIPE_DISKFIELDS_H
#define LSANDBOX_RECIPE_DISKFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to a GPtrArray * of LsbDisk. */
gboolean lsb_disks_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);
void lsb_disk_free(gpointer disk);

/*
 * Check every image of D (root, mounts, disks): none is written to and used twice, and those of a
 * container are raw. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_disks_check_kind(const LsbDescription *d, GError **error);

#endif
