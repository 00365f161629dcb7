/* The recipe's network: a list of interfaces. */
#ifndef LSANDBOX_NETWORKFIELDS_H
#define LSANDBOX_NETWORKFIELDS_H

#include "recipe/description.h"
#include "recipe/value/fields.h"

/* A field parser; OUT points to an LsbNetwork. */
gboolean lsb_network_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

void lsb_network_init(LsbNetwork *network);
void lsb_network_clear(LsbNetwork *network);

/* Once everything is read: fill in what was not said, and refuse what contradicts itself or cannot
 * be for this kind of sandbox. */
gboolean lsb_network_finish(LsbDescription *d, GError **error);

#endif
