/*
 * The options of `lsandbox run`. Each builds a part of the recipe's tree of values, which is then
 * read and checked as every recipe is: a field that a later version has needs no code here, but
 * --set.
 */
#ifndef LSANDBOX_OPTIONS_H
#define LSANDBOX_OPTIONS_H

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

/* --- optionspecs.c: options with a syntax of their own, each a GOptionArgFunc --- */

gboolean lsb_option_bind(const char *, const char *, gpointer, GError **);
gboolean lsb_option_ram(const char *, const char *, gpointer, GError **);
gboolean lsb_option_mount(const char *, const char *, gpointer, GError **);
gboolean lsb_option_include(const char *, const char *, gpointer, GError **);
gboolean lsb_option_disk(const char *, const char *, gpointer, GError **);
gboolean lsb_option_network(const char *, const char *, gpointer, GError **);
gboolean lsb_option_security(const char *, const char *, gpointer, GError **);
gboolean lsb_option_graphics(const char *, const char *, gpointer, GError **);
gboolean lsb_option_device(const char *, const char *, gpointer, GError **);

/* --- optionset.c --- */

/* --set FIELD.FIELD=VALUE, --tuning FIELD=VALUE */
gboolean lsb_option_set(const char *, const char *, gpointer, GError **);
gboolean lsb_option_load(const char *, const char *, gpointer, GError **);

/* A Lua literal, or else a plain word, which is a string. NULL: neither. */
LsbValue *lsb_option_value(const char *text);

#endif
