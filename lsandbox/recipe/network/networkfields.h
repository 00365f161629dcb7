/* The field network of a recipe: a list of interfaces. */
#ifndef LSANDBOX_RECIPE_NETWORK_NETWORKFIELDS_H
#define LSANDBOX_RECIPE_NETWORK_NETWORKFIELDS_H

#include <glib.h>

#include "recipe/network/network.h"
#include "recipe/value/value.h"

/* Parser (fields.h). OUT points to an LsbNetwork. */
gboolean lsb_network_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

/* Make NETWORK empty; later, lsb_network_clear() frees what it holds. */
void lsb_network_init(LsbNetwork *network);
void lsb_network_clear(LsbNetwork *network);

#endif
