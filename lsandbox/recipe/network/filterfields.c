/* The field filter of an interface. */
#include "recipe/network/filterfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/network/network.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* OUT is the list of names and values, ARG the name. */
static gboolean add_parameter(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    char *text = lsb_value_whole_text(value); /* a port */
    if (!text && !lsb_field_string(value, path, &text, NULL, error))
        return FALSE;
    g_ptr_array_add(out, g_strdup(arg));
    g_ptr_array_add(out, text);
    return TRUE;
}

/* A parameter with a list has several values. */
static gboolean parse_parameter(GPtrArray *list, const LsbPair *pair, const char *path,
                                GError **error)
{
    if (!*pair->key || pair->key[strspn(pair->key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")])
        return lsb_fail(error, INVALID,
                        "%s: expected a parameter's name of letters, digits and \"_\"", path);
    if (!lsb_value_is_list(pair->value))
        return add_parameter(pair->value, path, list, pair->key, error);
    return lsb_fields_each(pair->value, path, add_parameter, list, pair->key, error);
}

static gboolean parse_parameters(const LsbValue *value, const char *path, gpointer out,
                                 gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of name = value", value);
    GPtrArray *pairs = lsb_value_pairs(value);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        if (!parse_parameter(*(GPtrArray **)out, pair, at, error))
            return FALSE;
    }
    return TRUE;
}

/* A name as libvirt's schema has it (NCName), of ASCII characters. */
static gboolean parse_filter_name(const LsbValue *value, const char *path, gpointer out,
                                  gconstpointer arg, GError **error)
{
    static const char what[] = "a filter's name of letters, digits, \"_\", \"-\" and \".\", the "
                               "first a letter or \"_\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!(g_ascii_isalpha(text[0]) || text[0] == '_') ||
        text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.")])
        return lsb_field_error(error, path, what, value);
    lsb_field_set_text(out, text);
    return TRUE;
}

static const LsbField filter_fields[] = {
    {"name", parse_filter_name, offsetof(LsbInterface, filter), NULL},
    {"parameters", parse_parameters, offsetof(LsbInterface, parameters), NULL},
    {NULL, NULL, 0, NULL},
};

gboolean lsb_filter_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    LsbInterface *i = out;
    if (value->kind == LSB_VALUE_STRING)
        return parse_filter_name(value, path, &i->filter, arg, error);
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a filter's name, or a table of name and parameters",
                               value);
    if (!lsb_fields_read(value, path, filter_fields, i, error))
        return FALSE;
    return i->filter ||
           lsb_fail(error, INVALID, "%s.name: expected a filter's name, got nothing", path);
}
