/*
 * The fields of a program that both a recipe and a program's table have, and the environment of a
 * program.
 */
#ifndef LSANDBOX_RECIPE_PROGRAMFIELDS_H
#define LSANDBOX_RECIPE_PROGRAMFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* Parsers (fields.h). Each parameter OUT is named for the type that it points to. */
gboolean lsb_program_command(const LsbValue *, const char *, gpointer strv_out, gconstpointer,
                             GError **);
gboolean lsb_program_input(const LsbValue *, const char *, gpointer gbytes_out, gconstpointer,
                           GError **);
gboolean lsb_program_max_output(const LsbValue *, const char *, gpointer guint64_out, gconstpointer,
                                GError **);
gboolean lsb_program_tty(const LsbValue *, const char *, gpointer LsbTty_out, gconstpointer,
                         GError **);

/* The rows or columns of a terminal, for lsb_field_uint(). */
extern const LsbRange lsb_program_cells;

/* Check that rows and columns are set only beside tty = true. FALSE with LSB_ERROR_INVALID. */
gboolean lsb_program_check_size(LsbTty tty, guint rows, guint cols, GError **error);

/*
 * Read the program from the elements of TABLE into *COMMAND. FALSE with LSB_ERROR_INVALID if
 * *COMMAND, which the field command has set, and elements are both there.
 */
gboolean lsb_program_items(char ***command, const LsbValue *table, GError **error);

/*
 * The whole environment of a program that runs as ID: PATH, HOME, USER, LOGNAME, TERM and LANG,
 * with the N lists EXTRA of "NAME=value" over them, each of which may be NULL. Caller frees.
 */
char **lsb_program_environment(const LsbIdentity *id, GPtrArray *const *extra, gsize n);

#endif
