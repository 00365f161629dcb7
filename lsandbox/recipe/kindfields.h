/* Machine or container: which one a recipe's connection makes, and which fields it cannot have. */
#ifndef LSANDBOX_RECIPE_KINDFIELDS_H
#define LSANDBOX_RECIPE_KINDFIELDS_H

#include <glib.h>

#include "recipe/description.h"

/* For lsb_field_enum(), by LsbAccel. */
extern const char *const lsb_accel_words[];

/*
 * Fill in the connection that the recipe or the environment names, its driver and the kind. FALSE
 * with LSB_ERROR_INVALID.
 */
gboolean lsb_kind_fill(LsbDescription *d, GError **error);

/* Refuse a machine's overlay mount that keeps its writes. FALSE with LSB_ERROR_INVALID. */
gboolean lsb_kind_check_kept(const LsbDescription *d, GError **error);
/* Refuse the other fields that D's kind cannot have. FALSE with LSB_ERROR_INVALID. */
gboolean lsb_kind_check(const LsbDescription *d, GError **error);

/* Fill in and check the limits, which differ between the kinds. */
gboolean lsb_kind_fill_limits(LsbDescription *d, GError **error);

#endif
