/* The recipe's disks. */
#ifndef LSANDBOX_RECIPE_DISKFIELDS_H
#define LSANDBOX_RECIPE_DISKFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* A field parser; OUT points to a GPtrArray of LsbDisk. */
gboolean lsb_disks_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);
void lsb_disk_free(gpointer disk);

/* What a container cannot do with any image of D: LSB_ERROR_INVALID that names the field. */
gboolean lsb_disks_check_kind(const LsbDescription *d, GError **error);

#endif
