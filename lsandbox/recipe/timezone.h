/* Time zones of a root file system (tzfile(5)). */
#ifndef LSANDBOX_RECIPE_TIMEZONE_H
#define LSANDBOX_RECIPE_TIMEZONE_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser of the field `timezone`: what a zone's name may look like. OUT: char *. */
gboolean lsb_timezone_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);

/* Whether the root file system ROOT has the zone NAME; LSB_ERROR_INVALID. NAME NULL is fine. */
gboolean lsb_timezone_check(const char *root, const char *name, GError **error);

#endif
