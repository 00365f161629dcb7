/* The recipe's mounts. */
#ifndef LSANDBOX_RECIPE_MOUNTFIELDS_H
#define LSANDBOX_RECIPE_MOUNTFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* A field parser; OUT points to a GPtrArray of LsbMount. */
gboolean lsb_mounts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);
void lsb_mount_free(gpointer mount);

/* Whether something may be put at TARGET (NULL: none was given) of the table at PATH. */
gboolean lsb_mount_check_target(const char *path, const char *target, GError **error);

#endif
