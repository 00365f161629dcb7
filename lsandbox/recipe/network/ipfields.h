/* The fields of an interface that hold IP addresses: addresses, routes, gateway. */
#ifndef LSANDBOX_RECIPE_NETWORK_IPFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_IPFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Parsers (fields.h) of any address, and of one that a single host can have. OUT points to an
 * LsbIp.
 */
gboolean lsb_field_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                      GError **error);
gboolean lsb_field_host_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

/* Parsers of addresses and routes. OUT points to a GArray * of LsbNetAddress; of LsbNetRoute. */
gboolean lsb_addresses_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error);
gboolean lsb_routes_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

#endif
