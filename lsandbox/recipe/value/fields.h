/*
 * Reading a table of named fields: the one loop behind every table of a recipe. Each field is a row
 * (name, parser, place in a structure); an unknown key is an error that suggests the nearest known
 * one.
 */
#ifndef LSANDBOX_RECIPE_VALUE_FIELDS_H
#define LSANDBOX_RECIPE_VALUE_FIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Parse VALUE, found at PATH, into OUT. Sets LSB_ERROR_INVALID and returns FALSE. ARG is the row's.
 */
typedef gboolean (*LsbFieldParser)(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error);

typedef struct {
    const char *name;
    LsbFieldParser parse;
    gsize offset;
    gconstpointer arg;
} LsbField;

/* Read TABLE into STRUCTURE by FIELDS (ended by a NULL name). PATH "" is the recipe itself. */
gboolean lsb_fields_read(const LsbValue *table, const char *path, const LsbField *fields,
                         gpointer structure, GError **error);

/* Parse each element of TABLE, at `PATH[1]` and so on, with the same OUT and ARG. */
gboolean lsb_fields_each(const LsbValue *table, const char *path, LsbFieldParser parse,
                         gpointer out, gconstpointer arg, GError **error);

/* "expected WHAT, got VALUE", with PATH in front. Always FALSE. */
gboolean lsb_field_error(GError **error, const char *path, const char *what, const LsbValue *got);

/*
 * An absolute path without ".", ".." and doubled slashes; caller frees. g_canonicalize_filename()
 * keeps two leading slashes apart from one, as POSIX allows; to Linux they are the same
 * (path_resolution(7)).
 */
char *lsb_field_canonical(const char *absolute);

/* The path of KEY in the table at PATH: `mounts[2].target`, or `env["a b"]` for what is no plain
 * word. */
char *lsb_field_join(const char *path, const char *key);

/* Levenshtein's distance between two short words; G_MAXUINT where one is too long for a key. */
guint lsb_text_distance(const char *a, const char *b);

/* Parsers. Strings and paths go into libvirt's XML: UTF-8 without control characters. OUT points
 * to: */
gboolean lsb_field_boolean(const LsbValue *, const char *, gpointer gboolean_out, gconstpointer,
                           GError **);
gboolean lsb_field_string(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                          GError **);
gboolean lsb_field_path(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                        GError **);
gboolean lsb_field_size(const LsbValue *, const char *, gpointer guint64_out, gconstpointer,
                        GError **);
gboolean lsb_field_seconds(const LsbValue *, const char *, gpointer double_out, gconstpointer,
                           GError **);
gboolean lsb_field_strings(const LsbValue *, const char *, gpointer strv_out, gconstpointer,
                           GError **);
gboolean lsb_field_environment(const LsbValue *, const char *, gpointer ptrarray, gconstpointer,
                               GError **);
/* Permission bits: Lua has no octal numbers, so a string, or an integer; OUT: an int */
gboolean lsb_field_mode(const LsbValue *, const char *, gpointer int_out, gconstpointer, GError **);
/* ARG: NULL-terminated array of the words; OUT: an int, the index */
gboolean lsb_field_enum(const LsbValue *, const char *, gpointer int_out, gconstpointer words,
                        GError **);
/* ARG: the LsbFields of the table; OUT: the structure they fill */
gboolean lsb_field_table(const LsbValue *, const char *, gpointer structure, gconstpointer fields,
                         GError **);
/* ARG: LsbRange; OUT: guint */
typedef struct {
    guint min, max;
} LsbRange;
gboolean lsb_field_uint(const LsbValue *, const char *, gpointer guint_out, gconstpointer range,
                        GError **);

/* A number, or -1. */
double lsb_value_double(const LsbValue *value);

/* An integer, or a float that is one: Lua's 2^28 is a float. */
gboolean lsb_value_whole(const LsbValue *value, gint64 *number);

/* A value that must be a string without NUL bytes; borrowed. NULL with an error otherwise. */
const char *lsb_value_text(const LsbValue *value, const char *path, const char *what,
                           GError **error);

#endif
