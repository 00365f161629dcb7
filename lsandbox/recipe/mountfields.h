/* The field mounts of a recipe: reading, checking and ordering mounts. */
#ifndef LSANDBOX_RECIPE_MOUNTFIELDS_H
#define LSANDBOX_RECIPE_MOUNTFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to a GPtrArray * of LsbMount, which it fills in mounting order. */
gboolean lsb_mounts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);
void lsb_mount_free(gpointer mount);

/*
 * Check that a mount or a copy may be put at TARGET of the table at PATH. TARGET NULL: the recipe
 * names none. FALSE with LSB_ERROR_INVALID. The guest init resolves the symlinks in a target
 * (guest-init/path.h); here a target is text.
 */
gboolean lsb_mount_check_target(const char *path, const char *target, GError **error);

#endif
