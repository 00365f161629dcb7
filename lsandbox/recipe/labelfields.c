/* The field labels of a recipe. */
#include "recipe/labelfields.h"

#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

static const char key_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";

gboolean lsb_label_key_valid(const char *key)
{
    gsize n = strspn(key, key_characters);
    return n > 0 && n <= LSB_LABEL_KEY && !key[n];
}

gboolean lsb_label_text_valid(const char *text)
{
    if (strlen(text) > LSB_LABEL_TEXT || !g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            return FALSE;
    return TRUE;
}

LsbLabel *lsb_label_new(const char *key, const char *text)
{
    LsbLabel *label = g_new0(LsbLabel, 1);
    *label = (LsbLabel){g_strdup(key), g_strdup(text)};
    return label;
}

void lsb_label_free(gpointer data)
{
    LsbLabel *label = data;
    g_free(label->key);
    g_free(label->text);
    g_free(label);
}

static gboolean read_label(const LsbPair *pair, const char *path, GPtrArray *labels, GError **error)
{
    static const char what[] = "UTF-8 text of at most 1024 bytes without control characters";
    g_autofree char *at = lsb_field_join(path, pair->key);
    if (!lsb_label_key_valid(pair->key))
        return lsb_fail(error, INVALID,
                        "%s: expected a label's name of at most %d letters, digits, \"-\", \"_\", "
                        "\".\" and \"/\"",
                        at, LSB_LABEL_KEY);
    const char *text = lsb_value_text(pair->value, at, "a string", error);
    if (!text)
        return FALSE;
    if (!lsb_label_text_valid(text))
        return lsb_field_error(error, at, what, pair->value);
    g_ptr_array_add(labels, lsb_label_new(pair->key, text));
    return TRUE;
}

gboolean lsb_labels_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of name = text", value);
    GPtrArray *pairs = lsb_value_pairs(value),
              *labels = g_ptr_array_new_with_free_func(lsb_label_free);
    *(GPtrArray **)out = labels;
    if (!lsb_field_at_most(path, LSB_LABELS_MOST, "labels", pairs->len, error))
        return FALSE;
    for (guint i = 0; i < pairs->len; i++)
        if (!read_label(pairs->pdata[i], path, labels, error))
            return FALSE;
    return TRUE;
}
