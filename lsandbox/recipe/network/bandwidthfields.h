/* The field bandwidth of an interface, and its changes while a sandbox runs. */
#ifndef LSANDBOX_RECIPE_NETWORK_BANDWIDTHFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_BANDWIDTHFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to an LsbBandwidth. */
gboolean lsb_bandwidth_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error);

/*
 * Parser of the changes of a running sandbox: { { bandwidth = ... }, ... }, an element for each
 * interface in the recipe's order. An empty table leaves its interface as it is. OUT points to a
 * GArray * of LsbBandwidth, which is replaced, or NULL.
 */
gboolean lsb_network_changes_parse(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error);

#endif
