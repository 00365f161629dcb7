/* Options that can set every field of a recipe: --set, --tuning and --load. */
#include "optionset.h"

#include <string.h>

#include "options.h"
#include "recipe/recipefile.h"
#include "recipe/value/literalread.h"
#include "recipe/value/value.h"

/* Sizes, names, paths and addresses, which nobody wants to quote twice in a shell. */
static gboolean is_plain_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("_-+./:@%", *c))
            return FALSE;
    return *text != 0;
}

LsbValue *lsb_option_value(const char *text)
{
    LsbValue *value = lsb_literal_read("", text, strlen(text), NULL);
    return value ? value : is_plain_word(text) ? lsb_value_string(text, -1) : NULL;
}

/* The table that holds the last of NAMES, made where there is none. */
static LsbValue *table_of_last(LsbValue *table, char **names)
{
    for (; names[1]; names++)
        table = lsb_option_table(table, names[0]);
    return table;
}

/* PATH as a list of names, at least one; NULL with an error. */
static char **split_path(const char *option, const char *path, GError **error)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    for (char **name = names; *name; name++)
        if (!**name)
            return lsb_option_error(error, option, "names with \".\" between them", path), NULL;
    return names[0] ? g_steal_pointer(&names)
                    : (lsb_option_error(error, option, "the name of a field", path), NULL);
}

gboolean lsb_option_set(const char *option, const char *text, gpointer data, GError **error)
{
    Options *o = data;
    const char *equals = strchr(text, '=');
    if (!equals)
        return lsb_option_error(error, option, "FIELD=VALUE", text);
    g_autofree char *path = g_strndup(text, (gsize)(equals - text));
    g_auto(GStrv) names = split_path(option, path, error);
    if (!names)
        return FALSE;
    LsbValue *value = lsb_option_value(equals + 1);
    if (!value)
        return lsb_option_error(
            error, option, "a Lua literal (a number, true, false, 'text' or {table}) or a word",
            equals + 1);
    gboolean tuning = strcmp(option, "--tuning") == 0;
    LsbValue *top = tuning ? lsb_option_table(o->recipe, "tuning") : o->recipe;
    lsb_value_set(table_of_last(top, names), names[g_strv_length(names) - 1], value);
    return TRUE;
}

/* Other options go before the file, whether they stand before or after --load. */
gboolean lsb_option_load(const char *option, const char *path, gpointer data, GError **error)
{
    (void)option;
    Options *o = data;
    g_autoptr(LsbValue) saved = lsb_saved_read(path, error);
    if (!saved)
        return FALSE;
    g_autoptr(LsbValue) form = lsb_saved_form(saved);
    GPtrArray *pairs = lsb_value_pairs(form);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        if (!lsb_value_get(o->recipe, pair->key))
            lsb_value_set(o->recipe, pair->key, lsb_value_copy(pair->value));
    }
    return TRUE;
}
