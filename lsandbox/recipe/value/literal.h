/*
 * Values as text: the literals of Lua (Lua 5.4 Reference Manual, section 3.1 and 3.4.9), read and
 * written without Lua. What is read is data only: there is nothing in it that could run.
 */
#ifndef LSANDBOX_RECIPE_VALUE_LITERAL_H
#define LSANDBOX_RECIPE_VALUE_LITERAL_H

#include <glib.h>

#include "shared/units.h"

/* Text longer than this is neither read nor written; in bytes. */
#define LSB_LITERAL_MOST (64u * MiB)

#endif
