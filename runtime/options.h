/*
 * The options of `lsandbox run`. Each builds a part of the recipe's tree of values, which is then
 * read and checked as every recipe is: a field that a later version has needs no code here, but
 * --set.
 */
#ifndef LSANDBOX_RUNTIME_OPTIONS_H
#define LSANDBOX_RUNTIME_OPTIONS_H

#include <glib.h>

#include "recipe/value/value.h"

typedef struct {
    LsbValue *recipe;
    gboolean xml, times, print;
    char *save, *trace, *restore; /* files, a directory; NULL: do not */
} Options;

/* For g_option_group_add_entries(), whose group's data is an Options. */
extern const GOptionEntry lsb_options[];

/* Take the options off ARGV and carry them out. ARGUMENTS, SUMMARY: for --help. */
gboolean lsb_options_parse(int *argc, char ***argv, Options *options, const char *arguments,
                           const char *summary, GError **error);

/* The table at KEY of TABLE, made where there is none. */
LsbValue *lsb_option_table(LsbValue *table, const char *key);

/* "OPTION: expected WHAT, got "VALUE"". Always FALSE. */
gboolean lsb_option_error(GError **error, const char *option, const char *what, const char *value);

#endif
