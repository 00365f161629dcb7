/*
 * Values as text: the literals of Lua (Lua 5.4 Reference Manual, section 3.1 and 3.4.9), read and
 * written without Lua. What is read is data only: there is nothing in it that could run.
 */
#ifndef LSANDBOX_LITERAL_H
#define LSANDBOX_LITERAL_H

#include <glib.h>

#include "recipe/value/value.h"

/* Text longer than this is neither read nor written; in bytes. */
#define LSB_LITERAL_MOST (64u * 1024 * 1024)

/*
 * Read TEXT, LEN bytes: an optional `return`, then one string, number, true, false or table of
 * such; comments may stand anywhere. The tree is the caller's. NULL with LSB_ERROR_FAILED, whose
 * message begins with WHERE (a file's name, or an option's) and the number of the line.
 */
LsbValue *lsb_literal_read(const char *where, const char *text, gsize len, GError **error);

/*
 * Write VALUE as `return VALUE` and a new line, the same text for the same tree on every host: keys
 * sorted, one a line, integers and floats apart, any byte of a string kept. The text is the
 * caller's. NULL with LSB_ERROR_INVALID, which names the path of what is no data: a function, an
 * open file, a number that is none (NaN).
 */
GString *lsb_literal_write(const LsbValue *value, GError **error);

#endif
