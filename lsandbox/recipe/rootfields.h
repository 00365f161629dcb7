/*
 * The fields root, home and overlay of a recipe: what a sandbox sees of the host without mounts,
 * and where it writes.
 */
#ifndef LSANDBOX_RECIPE_ROOTFIELDS_H
#define LSANDBOX_RECIPE_ROOTFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* Check that the root is a directory or a disk image, and set root_is_image and root_image. */
gboolean lsb_root_check(LsbDescription *d, GError **error);

/* Parser of home (fields.h). OUT points to a string: "private", "host" or an absolute path. */
gboolean lsb_home_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error);

/*
 * Set home and home_source of D from SAID, which lsb_home_parse() gave; NULL: the field is not set.
 */
gboolean lsb_home_fill(LsbDescription *d, const char *said, GError **error);

/*
 * Check home = "host" against the identity of D, which must be known, and set home_source for it.
 */
gboolean lsb_home_check(LsbDescription *d, GError **error);

/* Check overlay against the kind of D, which must be known, and set overlay_image. */
gboolean lsb_overlay_check(LsbDescription *d, GError **error);

#endif
