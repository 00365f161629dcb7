/* Writing literals. */
#ifndef LSANDBOX_RECIPE_VALUE_LITERALWRITE_H
#define LSANDBOX_RECIPE_VALUE_LITERALWRITE_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Write VALUE as `return VALUE` and a new line, the same text for the same tree on every host: keys
 * sorted, one a line, integers and floats apart, any byte of a string kept. The text is the
 * caller's. NULL with LSB_ERROR_INVALID, which names the path of what is no data: a function, an
 * open file, a number that is none (NaN).
 */
GString *lsb_literal_write(const LsbValue *value, GError **error);

#endif
