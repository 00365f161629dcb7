/* The recipe's network, dns and hosts. */
#ifndef LSANDBOX_NETWORKFIELDS_H
#define LSANDBOX_NETWORKFIELDS_H

#include "description.h"
#include "fields.h"

/* Field parsers; OUT points to an LsbNetwork, an LsbDns and a GPtrArray of LsbHostName. */
gboolean lsb_network_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);
gboolean lsb_dns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                       GError **error);
gboolean lsb_hosts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);

/* What a running sandbox's interfaces are to get: { { bandwidth = ... }, ... } in the recipe's order, where
 * an empty table leaves one alone. OUT points to a GArray of LsbBandwidth, or to NULL. */
gboolean lsb_network_changes_parse(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error);

void lsb_network_init(LsbNetwork *network);
void lsb_network_clear(LsbNetwork *network);

/* Once everything is read: fill in what was not said, and refuse what contradicts itself or cannot
 * be for this kind of sandbox. */
gboolean lsb_network_finish(LsbDescription *d, GError **error);

#endif
