/*
 * The fields privileged, capabilities, no_new_privs, umask and seccomp of a recipe and of a
 * program's table.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_RIGHTSFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_RIGHTSFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Parsers (fields.h). OUT points to an LsbRights, of which each sets its own members. */
gboolean lsb_rights_parse_privileged(const LsbValue *, const char *, gpointer, gconstpointer,
                                     GError **);
gboolean lsb_rights_parse_capabilities(const LsbValue *, const char *, gpointer, gconstpointer,
                                       GError **);
gboolean lsb_rights_parse_no_new_privs(const LsbValue *, const char *, gpointer, gconstpointer,
                                       GError **);
gboolean lsb_rights_parse_umask(const LsbValue *, const char *, gpointer, gconstpointer, GError **);
gboolean lsb_rights_parse_seccomp(const LsbValue *, const char *, gpointer, gconstpointer,
                                  GError **);

#endif
