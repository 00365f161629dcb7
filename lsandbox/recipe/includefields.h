/* The field include of a recipe: files and trees of the host of which the sandbox gets copies. */
#ifndef LSANDBOX_RECIPE_INCLUDEFIELDS_H
#define LSANDBOX_RECIPE_INCLUDEFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* Parser (fields.h), which also reads list files. OUT points to a GPtrArray * of LsbInclude. */
gboolean lsb_includes_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);
void lsb_include_free(gpointer include);

/* Check that no copy has the target of a mount of D. FALSE with LSB_ERROR_INVALID. */
gboolean lsb_includes_check(const LsbDescription *d, GError **error);

#endif
