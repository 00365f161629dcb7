/* Machine or container: which one a recipe's connection makes, and what that one cannot do. */
#ifndef LSANDBOX_RECIPE_KINDFIELDS_H
#define LSANDBOX_RECIPE_KINDFIELDS_H

#include <glib.h>

#include "recipe/description.h"

/* For lsb_field_enum(), by LsbAccel. */
extern const char *const lsb_accel_words[];

/* The connection that the recipe or the environment names, and the kind by that. */
gboolean lsb_kind_fill(LsbDescription *d, GError **error);

/* Refuse what D's kind cannot do: to keep the writes of an overlay; any of the rest. */
gboolean lsb_kind_check_kept(const LsbDescription *d, GError **error);
gboolean lsb_kind_check(const LsbDescription *d, GError **error);

/* Fill in and check the limits, which differ between the kinds. */
gboolean lsb_kind_fill_limits(LsbDescription *d, GError **error);

#endif
