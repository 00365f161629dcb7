/* The packet filter of an interface: one of libvirt's (nwfilter) and its parameters. */
#ifndef LSANDBOX_FILTERFIELDS_H
#define LSANDBOX_FILTERFIELDS_H

#include "recipe/value/fields.h"
#include "recipe/network/network.h"

/* A field parser; OUT points to the LsbInterface. */
gboolean lsb_filter_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);

#endif
