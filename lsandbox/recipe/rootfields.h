/* The recipe's root, home and overlay: what a sandbox sees of the host by itself, and where it writes. */
#ifndef LSANDBOX_RECIPE_ROOTFIELDS_H
#define LSANDBOX_RECIPE_ROOTFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* The root is a directory, or becomes an image. */
gboolean lsb_root_check(LsbDescription *d, GError **error);

/* A field parser; OUT points to a string: "private", "host" or an absolute path. */
gboolean lsb_home_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error);

/* SAID: what lsb_home_parse() gave; NULL: nothing. */
gboolean lsb_home_fill(LsbDescription *d, const char *said, GError **error);

/* Once D's identity is known. */
gboolean lsb_home_check(const LsbDescription *d, GError **error);

/* Once D's kind is known: name the image that keeps what is written. */
gboolean lsb_overlay_check(LsbDescription *d, GError **error);

#endif
