/*
 * The options of `lsandbox run`. Each builds a part of the recipe's tree of values, which is then
 * read and checked as every recipe is: a field that a later version has needs no code here, because
 * --set reaches every field.
 */
#ifndef LSANDBOX_RUNTIME_OPTIONS_H
#define LSANDBOX_RUNTIME_OPTIONS_H

#include <glib.h>

#include "recipe/value/value.h"

/* What the options say. The caller makes RECIPE, an empty table, and frees the strings. */
typedef struct {
    LsbValue *recipe;
    gboolean xml, times, print;
    char *save, *trace, *restore; /* files, a directory; NULL: the option was not given */
} Options;

/* For g_option_group_add_entries() of a group whose data is an Options. */
extern const GOptionEntry lsb_options[];

/*
 * Take the options off ARGV and carry them out. ARGUMENTS and SUMMARY are what --help says. FALSE
 * with a G_OPTION_ERROR, or an LSB_ERROR of --load.
 */
gboolean lsb_options_parse(int *argc, char ***argv, Options *options, const char *arguments,
                           const char *summary, GError **error);

/* The table at KEY of TABLE, made where there is none; borrowed. */
LsbValue *lsb_option_table(LsbValue *table, const char *key);

/* Set ERROR to `OPTION: expected WHAT, got "VALUE"`. Always FALSE. */
gboolean lsb_option_error(GError **error, const char *option, const char *what, const char *value);

#endif
