/*
 * Values as text: literals and table constructors of Lua (Lua 5.4 Reference Manual, 3.1 and 3.4.9),
 * which literalread.c reads and literalwrite.c writes, without Lua. Such a text is data alone: no
 * part of it can run.
 */
#ifndef LSANDBOX_RECIPE_VALUE_LITERAL_H
#define LSANDBOX_RECIPE_VALUE_LITERAL_H

#include <glib.h>

#include "shared/units.h"

/* The longest text that is read or written, in bytes. */
#define LSB_LITERAL_MOST (64u * MiB)

#endif
