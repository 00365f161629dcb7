/* IP addresses, and what an interface has of them: the field parsers of the recipe's network. */
#ifndef LSANDBOX_RECIPE_NETWORK_IPFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_IPFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* OUT points to an LsbIp: any address; one that a single host can have. */
gboolean lsb_field_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                      GError **error);
gboolean lsb_field_host_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

/* OUT points to a GArray of LsbNetAddress; of LsbNetRoute. */
gboolean lsb_addresses_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error);
gboolean lsb_routes_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

#endif
