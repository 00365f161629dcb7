/* Writing values as Lua literals. */
#ifndef LSANDBOX_RECIPE_VALUE_LITERALWRITE_H
#define LSANDBOX_RECIPE_VALUE_LITERALWRITE_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Write VALUE as `return VALUE` and a line break. The same tree gives the same text on every host:
 * keys are sorted, one a line, integers and floats stay apart, and every byte of a string is kept.
 * Caller frees. NULL with LSB_ERROR_INVALID, which names the path of a value that is not data: a
 * function, an open file, NaN.
 */
GString *lsb_literal_write(const LsbValue *value, GError **error);

#endif
