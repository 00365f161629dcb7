/*
 * Saved recipes: a recipe in its normal form, as a file. The form is made from the tree of values
 * that the description was read from, so that a new field needs no code here.
 */
#ifndef LSANDBOX_RECIPE_RECIPEFILE_H
#define LSANDBOX_RECIPE_RECIPEFILE_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"

/* The version of the form that this lsandbox writes, and the newest that it reads. */
enum { LSB_SAVED_VERSION = 1 };

/*
 * The normal form of the recipe of D: with version, with command as a list, and with connect,
 * because another host's default could make another kind of sandbox. Other fields that are not set
 * stay unset. Caller frees.
 */
LsbValue *lsb_saved_recipe(const LsbDescription *d);

/*
 * The normal form of a RECIPE that need not be valid. No connect is added to it. Caller frees.
 */
LsbValue *lsb_saved_form(const LsbValue *recipe);

/*
 * Write RECIPE to PATH with mode 0600, because a recipe may hold secrets. A regular file is
 * replaced whole or not at all. FALSE with LSB_ERROR_INVALID (a value is not data, such as a
 * function) or LSB_ERRNO.
 */
gboolean lsb_saved_write(const LsbValue *recipe, const char *path, GError **error);

/*
 * Read the saved recipe at PATH as data, so that nothing in it can run. Only its version is
 * checked. Caller frees. NULL with LSB_ERRNO, LSB_ERROR_FAILED (not a saved recipe) or
 * LSB_ERROR_UNSUPPORTED (a later lsandbox has written it).
 */
LsbValue *lsb_saved_read(const char *path, GError **error);

#endif
