/*
 * Reading a table of named fields into a structure: the one loop behind every table of a recipe.
 * Each field is a row with its name, its parser, and the offset of its member. An unknown key is an
 * error that suggests the most similar known key.
 *
 * A file NAMEfields.c in recipe/ holds the rows and parsers of one part of a recipe.
 */
#ifndef LSANDBOX_RECIPE_VALUE_FIELDS_H
#define LSANDBOX_RECIPE_VALUE_FIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Parse VALUE, which stands at PATH ("mounts[2].target"), into OUT, the member of the row. ARG is
 * the row's. FALSE with LSB_ERROR_INVALID.
 */
typedef gboolean (*LsbFieldParser)(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error);

typedef struct {
    const char *name;
    LsbFieldParser parse;
    gsize offset;      /* of the member that PARSE gets as OUT */
    gconstpointer arg; /* what PARSE needs besides */
} LsbField;

/*
 * Read TABLE, at PATH ("": the recipe itself), into STRUCTURE by the rows FIELDS, ended by a NULL
 * name. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_fields_read(const LsbValue *table, const char *path, const LsbField *fields,
                         gpointer structure, GError **error);

/* Parse each element of TABLE, at "PATH[1]" and so on, with the same OUT and ARG. */
gboolean lsb_fields_each(const LsbValue *table, const char *path, LsbFieldParser parse,
                         gpointer out, gconstpointer arg, GError **error);

/* Set LSB_ERROR_INVALID with the message "PATH: expected WHAT, got GOT". Always FALSE. */
gboolean lsb_field_error(GError **error, const char *path, const char *what, const LsbValue *got);

/* Put a copy of TEXT into the string that OUT points to; the string that was there is freed. */
void lsb_field_set_text(gpointer out, const char *text);

/*
 * Check that the list or table at PATH has at most MOST elements. THINGS names these in the message
 * of LSB_ERROR_INVALID: "PATH: expected at most MOST THINGS, got COUNT".
 */
gboolean lsb_field_at_most(const char *path, guint most, const char *things, guint count,
                           GError **error);

/*
 * ABSOLUTE without ".", ".." and doubled slashes; symlinks are not resolved. Two leading slashes
 * become one, which to Linux is the same (path_resolution(7)). Caller frees.
 */
char *lsb_field_canonical(const char *absolute);

/* Whether TEXT is UTF-8 without control characters, so that libvirt's XML can carry it. */
gboolean lsb_text_is_plain(const char *text);

/*
 * The path of KEY in the table at PATH: `mounts[2].target`, or `env["a b"]` if KEY is not a plain
 * word. Caller frees.
 */
char *lsb_field_join(const char *path, const char *key);

/* The edits (Levenshtein) between two words of at most 40 bytes; G_MAXUINT if one is longer. */
guint lsb_text_distance(const char *a, const char *b);

/*
 * Parsers. Each parameter OUT is named for the type that it points to. A string, path or list that
 * was in OUT is freed. lsb_field_string() and lsb_field_path() take UTF-8 without control
 * characters, because their values go into libvirt's XML; lsb_field_path() returns an absolute path
 * in canonical form. lsb_field_size() gives bytes. lsb_field_environment() appends "NAME=value".
 */
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
/*
 * Permission bits up to 07777: a string of octal digits, or an integer. Refuses an integer that was
 * meant to be octal, as 644.
 */
gboolean lsb_field_mode(const LsbValue *, const char *, gpointer int_out, gconstpointer, GError **);
/* One of WORDS, an array of strings ended by NULL; OUT gets its index. */
gboolean lsb_field_enum(const LsbValue *, const char *, gpointer int_out, gconstpointer words,
                        GError **);
/* A table of named fields; FIELDS are its rows. */
gboolean lsb_field_table(const LsbValue *, const char *, gpointer structure, gconstpointer fields,
                         GError **);
/* An integer in RANGE, an LsbRange. */
typedef struct {
    guint min, max;
} LsbRange;
gboolean lsb_field_uint(const LsbValue *, const char *, gpointer guint_out, gconstpointer range,
                        GError **);

/* VALUE as a number; -1: it is no number. */
double lsb_value_double(const LsbValue *value);

/*
 * VALUE as seconds: a number, or a string with a unit, as "1.5s", "200ms" or "2m". -1: neither.
 */
double lsb_value_seconds(const LsbValue *value);

/* The digits of VALUE where it is whole, which is then as good as a string; NULL: it is not. */
char *lsb_value_whole_text(const LsbValue *value);

/* Whether VALUE is an integer or a float without a fraction, as Lua's 2^28 is. Sets *NUMBER. */
gboolean lsb_value_whole(const LsbValue *value, gint64 *number);

/*
 * The text of VALUE, a string without NUL bytes; borrowed. NULL with LSB_ERROR_INVALID, which says
 * that WHAT was expected.
 */
const char *lsb_value_text(const LsbValue *value, const char *path, const char *what,
                           GError **error);

#endif
