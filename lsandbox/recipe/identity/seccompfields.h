/* The field seccomp of a recipe and of a program's table: a profile's name, false, or a table. */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to an LsbSeccomp *, which is replaced. */
gboolean lsb_seccomp_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

#endif
