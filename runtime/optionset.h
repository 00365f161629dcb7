/* --set, --tuning and --load: any field. */
#ifndef LSANDBOX_RUNTIME_OPTIONSET_H
#define LSANDBOX_RUNTIME_OPTIONSET_H

#include <glib.h>

#include "recipe/value/value.h"

/* --set FIELD.FIELD=VALUE, --tuning FIELD=VALUE */
gboolean lsb_option_set(const char *, const char *, gpointer, GError **);
gboolean lsb_option_load(const char *, const char *, gpointer, GError **);

/* A Lua literal, or else a plain word, which is a string. NULL: neither. */
LsbValue *lsb_option_value(const char *text);

#endif
