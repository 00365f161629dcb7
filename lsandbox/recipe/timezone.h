/* The field timezone of a recipe: a time zone of the root file system (tzfile(5)). */
#ifndef LSANDBOX_RECIPE_TIMEZONE_H
#define LSANDBOX_RECIPE_TIMEZONE_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h) of the form of a zone's name. OUT points to a string. */
gboolean lsb_timezone_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);

/*
 * Check that the root file system at ROOT has the zone NAME (NULL: none is set). A ROOT of NULL, an
 * image, is not checked, because only the guest can look into it. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_timezone_check(const char *root, const char *name, GError **error);

#endif
