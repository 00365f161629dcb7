/*
 * Recipes as text, for the unit tests' tables: a Lua table constructor with strings, numbers,
 * booleans, tables, `file3` for descriptor 3 (file-1: a closed file), and a bare `function` for
 * what no field can be. In strings, \ddd and \n are escapes, and a leading "@" stands for the
 * scratch directory. Misuse ends the test.
 */
#ifndef LSANDBOX_TEST_RECIPE_H
#define LSANDBOX_TEST_RECIPE_H

#include <glib.h>
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "recipe/value/value.h"

typedef struct {
    const char *at;
} RecipeReader;

static LsbValue *recipe_read(RecipeReader *r);

static gboolean recipe_skip(RecipeReader *r, char c)
{
    r->at += strspn(r->at, " \n");
    if (*r->at != c)
        return FALSE;
    r->at++;
    return TRUE;
}

static gboolean recipe_word(RecipeReader *r, const char *word)
{
    gsize n = strlen(word);
    if (strncmp(r->at, word, n) != 0 || g_ascii_isalnum(r->at[n]))
        return FALSE;
    r->at += n;
    return TRUE;
}

static void recipe_escape(RecipeReader *r, GString *out)
{
    guint number = 0;
    if (*r->at == 'n')
        number = '\n', r->at++;
    else if (!g_ascii_isdigit(*r->at))
        number = (guchar)*r->at++;
    else
        for (int i = 0; i < 3 && g_ascii_isdigit(*r->at); i++)
            number = number * 10 + (guint)(*r->at++ - '0');
    g_string_append_c(out, (char)number);
}

static GString *recipe_text(RecipeReader *r)
{
    GString *out = g_string_new(NULL);
    if (*r->at == '@' && scratch) {
        g_string_append(out, scratch);
        r->at++;
    }
    while (*r->at != '"') {
        g_assert_true(*r->at);
        if (*r->at == '\\') {
            r->at++;
            recipe_escape(r, out);
        } else {
            g_string_append_c(out, *r->at++);
        }
    }
    r->at++;
    return out;
}

static LsbValue *recipe_string(RecipeReader *r)
{
    GString *text = recipe_text(r);
    LsbValue *value = lsb_value_string(text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    return value;
}

static LsbValue *recipe_number(RecipeReader *r)
{
    char *end;
    gsize digits = strspn(r->at, "-0123456789");
    if (!strchr(".e", r->at[digits]) || !r->at[digits]) {
        gint64 integer = g_ascii_strtoll(r->at, &end, 10);
        g_assert_true(end > r->at);
        r->at = end;
        return lsb_value_integer(integer);
    }
    double number = g_ascii_strtod(r->at, &end);
    r->at = end;
    return lsb_value_number(number);
}

/* `name =` or `["any text"] =`; NULL where an element without a name comes. */
static char *recipe_key(RecipeReader *r)
{
    RecipeReader start = *r;
    if (recipe_skip(r, '[') && recipe_skip(r, '"')) {
        char *key = g_string_free(recipe_text(r), FALSE);
        g_assert_true(recipe_skip(r, ']') && recipe_skip(r, '='));
        return key;
    }
    *r = start;
    r->at += strspn(r->at, " \n");
    gsize n = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    g_autofree char *key = g_strndup(r->at, n);
    r->at += n;
    if (n > 0 && recipe_skip(r, '='))
        return g_steal_pointer(&key);
    *r = start;
    return NULL;
}

static LsbValue *recipe_table(RecipeReader *r)
{
    LsbValue *table = lsb_value_table();
    while (!recipe_skip(r, '}')) {
        g_autofree char *key = recipe_key(r);
        LsbValue *value = recipe_read(r);
        if (key)
            lsb_value_set(table, key, value);
        else
            lsb_value_append(table, value);
        recipe_skip(r, ',');
    }
    return table;
}

static LsbValue *recipe_read(RecipeReader *r)
{
    if (recipe_skip(r, '{'))
        return recipe_table(r);
    if (recipe_skip(r, '"'))
        return recipe_string(r);
    if (recipe_word(r, "true"))
        return lsb_value_boolean(TRUE);
    if (recipe_word(r, "false"))
        return lsb_value_boolean(FALSE);
    if (strncmp(r->at, "file", 4) == 0)
        return lsb_value_file((int)strtol(r->at + 4, (char **)&r->at, 10));
    if (recipe_word(r, "function"))
        return lsb_value_other("function");
    if (recipe_word(r, "inf"))
        return lsb_value_number(INFINITY);
    if (recipe_word(r, "nan"))
        return lsb_value_number(NAN);
    return recipe_number(r);
}

static LsbValue *recipe(const char *text)
{
    RecipeReader r = {text};
    LsbValue *value = recipe_read(&r);
    r.at += strspn(r.at, " \n");
    g_assert_cmpstr(r.at, ==, "");
    return value;
}

#endif
