/* Names of the network: the recipe's dns and hosts. */
#ifndef LSANDBOX_RECIPE_NETWORK_DNSFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_DNSFIELDS_H

#include <glib.h>

#include "recipe/network/network.h"
#include "recipe/value/value.h"

/* Field parsers; OUT points to an LsbDns, and to a GPtrArray of LsbHostName. */
gboolean lsb_dns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                       GError **error);
gboolean lsb_hosts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);

void lsb_dns_init(LsbDns *dns);
void lsb_dns_clear(LsbDns *dns);
void lsb_host_name_free(gpointer host_name);

#endif
