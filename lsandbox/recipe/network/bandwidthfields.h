/* What an interface may carry each second. */
#ifndef LSANDBOX_RECIPE_NETWORK_BANDWIDTHFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_BANDWIDTHFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* A field parser; OUT points to an LsbBandwidth. */
gboolean lsb_bandwidth_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error);

/* What a running sandbox's interfaces are to get: { { bandwidth = ... }, ... } in the recipe's order, where
 * an empty table leaves one alone. OUT points to a GArray of LsbBandwidth, or to NULL. */
gboolean lsb_network_changes_parse(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error);

#endif
