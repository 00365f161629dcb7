/* Machine or container: which one a recipe's connection makes, and which fields it cannot have. */
#ifndef LSANDBOX_RECIPE_KINDFIELDS_H
#define LSANDBOX_RECIPE_KINDFIELDS_H

#include <glib.h>

#include "recipe/description.h"

/* For lsb_field_enum(), by LsbAccel. */
extern const char *const lsb_accel_words[];

/* Fill in the connection that the recipe or the environment names, its driver and the kind. */
gboolean lsb_kind_fill(LsbDescription *d, GError **error);

/* Refuse fields that D's kind cannot have: kept writes of an overlay mount; all others. */
gboolean lsb_kind_check_kept(const LsbDescription *d, GError **error);
gboolean lsb_kind_check(const LsbDescription *d, GError **error);

/* Fill in and check the limits, which differ between the kinds. */
gboolean lsb_kind_fill_limits(LsbDescription *d, GError **error);

#endif
