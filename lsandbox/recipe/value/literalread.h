/* Reading literals. One pass, no table of what was read before: a hostile text costs its length. */
#ifndef LSANDBOX_RECIPE_VALUE_LITERALREAD_H
#define LSANDBOX_RECIPE_VALUE_LITERALREAD_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Read TEXT, LEN bytes: an optional `return`, then one string, number, true, false or table of
 * such; comments may stand anywhere. The tree is the caller's. NULL with LSB_ERROR_FAILED, whose
 * message begins with WHERE (a file's name, or an option's) and the number of the line.
 */
LsbValue *lsb_literal_read(const char *where, const char *text, gsize len, GError **error);

#endif
