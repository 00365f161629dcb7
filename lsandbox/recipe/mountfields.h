/* The field mounts of a recipe: reading, checking and ordering mounts. */
#ifndef LSANDBOX_RECIPE_MOUNTFIELDS_H
#define LSANDBOX_RECIPE_MOUNTFIELDS_H

#include <glib.h>

#include "recipe/description.h"
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

/* The mount of MOUNTS that TARGET lies on: the nearest one above it. NULL: the root. */
const LsbMount *lsb_mount_above(GPtrArray *mounts, const char *target);

/*
 * Whether the bind ABOVE has what TARGET, a path below it, names: a file or a directory. A target
 * that a symlink leads elsewhere counts as there, because only the guest init can follow it.
 */
gboolean lsb_mount_has_point(const LsbMount *above, const char *target, gboolean is_file);

#endif
