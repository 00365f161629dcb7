/* Options that can set every field of a recipe: --set, --tuning and --load. */
#ifndef LSANDBOX_RUNTIME_OPTIONSET_H
#define LSANDBOX_RUNTIME_OPTIONSET_H

#include <glib.h>

#include "recipe/value/value.h"

/* --set FIELD[.FIELD...]=VALUE, --tuning FIELD=VALUE. A GOptionArgFunc whose DATA is an Options. */
gboolean lsb_option_set(const char *option, const char *text, gpointer data, GError **error);

/* --load FILE: take from a saved recipe what the other options do not say. DATA is an Options. */
gboolean lsb_option_load(const char *option, const char *path, gpointer data, GError **error);

/*
 * TEXT as a Lua literal, or else as a plain word, which is a string. The caller's; NULL: neither.
 */
LsbValue *lsb_option_value(const char *text);

#endif
