/*
 * The field filter of an interface: one of libvirt's packet filters (nwfilter), and its parameters.
 */
#ifndef LSANDBOX_RECIPE_NETWORK_FILTERFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_FILTERFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to the LsbInterface. */
gboolean lsb_filter_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

#endif
