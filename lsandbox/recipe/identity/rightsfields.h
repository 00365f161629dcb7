/* The fields of a recipe and of a program's table that say what a program may do. */
#ifndef LSANDBOX_RECIPE_IDENTITY_RIGHTSFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_RIGHTSFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* LsbRights: */
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
