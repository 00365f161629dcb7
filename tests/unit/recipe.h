/*
 * Recipes as text, for the tables of the unit tests. lsb_literal_read() reads them, as it reads
 * saved recipes (its own tests are test_options.c, which does not use this header). Three strings
 * stand for what a literal cannot be: "<function>", "<nan>" and "<file N>" for descriptor N (-1 is
 * a closed file). A leading "@" in a string stands for the scratch directory. A text that cannot be
 * read ends the test.
 */
#ifndef LSANDBOX_TEST_RECIPE_H
#define LSANDBOX_TEST_RECIPE_H

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "recipe/value/literalread.h"
#include "recipe/value/value.h"

/* What TEXT stands for; NULL when it is an ordinary string. The caller frees the value. */
static LsbValue *recipe_special(const char *text)
{
    if (strcmp(text, "<function>") == 0)
        return lsb_value_other("function");
    if (strcmp(text, "<nan>") == 0)
        return lsb_value_number(NAN);
    if (g_str_has_prefix(text, "<file "))
        return lsb_value_file(atoi(text + strlen("<file ")));
    if (*text != '@' || !scratch)
        return NULL;
    g_autofree char *path = g_strconcat(scratch, text + 1, NULL);
    return lsb_value_string(path, -1);
}

/* VALUE with every special string replaced. Takes VALUE over. */
static LsbValue *recipe_replace(LsbValue *value)
{
    if (value->kind == LSB_VALUE_STRING) {
        LsbValue *special = recipe_special(g_bytes_get_data(value->u.string, NULL));
        if (special)
            lsb_value_free(value);
        return special ? special : value;
    }
    for (guint i = 0; value->kind == LSB_VALUE_TABLE && i < value->u.table.items->len; i++)
        value->u.table.items->pdata[i] = recipe_replace(value->u.table.items->pdata[i]);
    for (guint i = 0; value->kind == LSB_VALUE_TABLE && i < value->u.table.pairs->len; i++) {
        LsbPair *pair = lsb_value_pairs(value)->pdata[i];
        pair->value = recipe_replace(pair->value);
    }
    return value;
}

static LsbValue *recipe(const char *text)
{
    g_autoptr(GError) error = NULL;
    LsbValue *value = lsb_literal_read(text, text, strlen(text), &error);
    g_assert_no_error(error);
    return recipe_replace(value);
}

#endif
