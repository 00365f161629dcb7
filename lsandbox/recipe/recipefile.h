/*
 * The saved form of a recipe: what the user said, in one way of saying it, with the number of the
 * form. It is made from the tree of values that the description was read from, so that every field
 * is in it without code of its own.
 */
#ifndef LSANDBOX_RECIPE_RECIPEFILE_H
#define LSANDBOX_RECIPE_RECIPEFILE_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* The form that this lsandbox writes, and the newest that it reads. */
enum { LSB_SAVED_VERSION = 1 };

/*
 * The recipe of D: `version`, `connect` (which decides the kind, so the default must not), and
 * `command` as a list. What the recipe left out otherwise is left out. The caller's.
 */
LsbValue *lsb_saved_recipe(const LsbDescription *d);

/* The same of a RECIPE that was not validated; copied. The caller's. */
LsbValue *lsb_saved_form(const LsbValue *recipe);

/*
 * Write RECIPE to PATH, readable for its owner only: a recipe may hold secrets. A regular file is
 * replaced as a whole or not at all. LSB_ERROR_INVALID for what is no data, LSB_ERRNO.
 */
gboolean lsb_saved_write(const LsbValue *recipe, const char *path, GError **error);

/*
 * Read PATH, as data: nothing in it can run. The recipe is the caller's, and not validated but for
 * its version. LSB_ERRNO, LSB_ERROR_FAILED (no saved recipe), LSB_ERROR_UNSUPPORTED (of a later
 * lsandbox).
 */
LsbValue *lsb_saved_read(const char *path, GError **error);

#endif
