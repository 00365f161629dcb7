/*
 * What a program's table and a recipe have in common: the fields that both may have, read by the
 * same parsers (see fields.h), and what a program's identity and environment follow from.
 */
#ifndef LSANDBOX_RECIPE_PROGRAMFIELDS_H
#define LSANDBOX_RECIPE_PROGRAMFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* Parsers. OUT points to: */
gboolean lsb_program_command(const LsbValue *, const char *, gpointer strv_out, gconstpointer,
                             GError **);
gboolean lsb_program_input(const LsbValue *, const char *, gpointer gbytes_out, gconstpointer,
                           GError **);
gboolean lsb_program_max_output(const LsbValue *, const char *, gpointer guint64_out, gconstpointer,
                                GError **);
gboolean lsb_program_tty(const LsbValue *, const char *, gpointer LsbTty_out, gconstpointer,
                         GError **);
/* For lsb_field_uint(): rows or columns of a terminal. */
extern const LsbRange lsb_program_cells;

/* Rows and columns are for a terminal that was asked for. */
gboolean lsb_program_check_size(LsbTty tty, guint rows, guint cols, GError **error);

/* The program may stand in `command`, read before, or as TABLE's own elements. */
gboolean lsb_program_items(char ***command, const LsbValue *table, GError **error);

/* What a program finds in its environment: the clean start, and N lists of "NAME=value" over it,
 * each of which may be NULL. */
char **lsb_program_environment(const LsbIdentity *id, GPtrArray *const *extra, gsize n);

#endif
