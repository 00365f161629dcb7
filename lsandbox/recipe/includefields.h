/* The recipe's include: host files and trees of which the sandbox gets copies. */
#ifndef LSANDBOX_RECIPE_INCLUDEFIELDS_H
#define LSANDBOX_RECIPE_INCLUDEFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* A field parser; OUT points to a GPtrArray of LsbInclude. List files are read here. */
gboolean lsb_includes_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);
void lsb_include_free(gpointer include);

/* That no copy has the target of a mount. */
gboolean lsb_includes_check(const LsbDescription *d, GError **error);

#endif
