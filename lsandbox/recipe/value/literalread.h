/* Reading Lua literals in one pass, so that a hostile text costs no more time than its length. */
#ifndef LSANDBOX_RECIPE_VALUE_LITERALREAD_H
#define LSANDBOX_RECIPE_VALUE_LITERALREAD_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Read TEXT, LEN bytes: an optional `return`, then one string, number, true, false, or table of
 * such. Comments may stand anywhere. Caller frees. NULL with LSB_ERROR_FAILED, whose message begins
 * with WHERE (the name of a file or an option) and the number of the line.
 */
LsbValue *lsb_literal_read(const char *where, const char *text, gsize len, GError **error);

#endif
