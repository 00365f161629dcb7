/* The fields dns and hosts of a recipe. */
#ifndef LSANDBOX_RECIPE_NETWORK_DNSFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_DNSFIELDS_H

#include <glib.h>

#include "recipe/network/network.h"
#include "recipe/value/value.h"

/* Parsers (fields.h). OUT points to an LsbDns; to a GPtrArray * of LsbHostName. */
gboolean lsb_dns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                       GError **error);
gboolean lsb_hosts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);

/* Make DNS empty; later, lsb_dns_clear() frees what it holds. */
void lsb_dns_init(LsbDns *dns);
void lsb_dns_clear(LsbDns *dns);
/* Free an LsbHostName; a GDestroyNotify. */
void lsb_host_name_free(gpointer host_name);

#endif
