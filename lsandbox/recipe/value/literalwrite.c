/* Writing values as Lua literals. */
#include "recipe/value/literalwrite.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/literal.h"
#include "recipe/value/value.h"

enum { INDENT = 2 /* spaces a level */ };

typedef struct {
    GString *out;
    GError **error;
} Writer;

/* Whether KEY can stand without brackets: a name that is no reserved word. */
static gboolean is_lua_name(const char *key)
{
    static const char *const reserved[] = {
        "and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
        "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
        "repeat",   "return", "then", "true", "until",  "while", NULL};
    if (!g_ascii_isalpha(*key) && *key != '_')
        return FALSE;
    for (const char *c = key; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '_')
            return FALSE;
    return !g_strv_contains(reserved, key);
}

/*
 * UTF-8 stays readable. Every other unprintable byte becomes \ddd, always with three digits,
 * because a digit may follow.
 */
static void put_string_literal(GString *out, const char *data, gsize len)
{
    gboolean utf8 = g_utf8_validate(data, (gssize)len, NULL);
    g_string_append_c(out, '"');
    for (gsize i = 0; i < len; i++) {
        guchar c = (guchar)data[i];
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", c);
        else if (c == '\n')
            g_string_append(out, "\\n");
        else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            g_string_append_printf(out, "\\%03u", c);
        else
            g_string_append_c(out, (char)c);
    }
    g_string_append_c(out, '"');
}

/*
 * 15 digits where these give the same double again, else 17, which always do (DBL_DECIMAL_DIG). A
 * float without a fraction gets ".0", because Lua would read an integer.
 */
static void put_float_literal(GString *out, double d)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isinf(d)) {
        g_string_append(out, d > 0 ? "1e999" : "-1e999");
        return;
    }
    g_ascii_formatd(text, sizeof text, "%.15g", d);
    if (g_ascii_strtod(text, NULL) != d)
        g_ascii_formatd(text, sizeof text, "%.17g", d);
    g_string_append(out, text);
    if (!strpbrk(text, ".eE"))
        g_string_append(out, ".0");
}

/* The least integer has no decimal literal, because 9223372036854775808 is a float. */
static void put_integer_literal(GString *out, gint64 i)
{
    if (i == G_MININT64)
        g_string_append(out, "0x8000000000000000");
    else
        g_string_append_printf(out, "%" G_GINT64_FORMAT, i);
}

static gboolean put_literal(Writer *w, const LsbValue *value, const char *path, int depth);

static void put_line_break(GString *out, int depth)
{
    g_string_append_printf(out, "\n%*s", depth * INDENT, "");
}

static gboolean put_table_items(Writer *w, GPtrArray *items, const char *path, int depth)
{
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        put_line_break(w->out, depth);
        if (!put_literal(w, items->pdata[i], at, depth))
            return FALSE;
        g_string_append_c(w->out, ',');
    }
    return TRUE;
}

static gboolean put_table_pairs(Writer *w, GPtrArray *pairs, const char *path, int depth)
{
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        put_line_break(w->out, depth);
        if (is_lua_name(pair->key)) {
            g_string_append(w->out, pair->key);
        } else {
            g_string_append_c(w->out, '[');
            put_string_literal(w->out, pair->key, strlen(pair->key));
            g_string_append_c(w->out, ']');
        }
        g_string_append(w->out, " = ");
        if (!put_literal(w, pair->value, at, depth))
            return FALSE;
        g_string_append_c(w->out, ',');
    }
    return TRUE;
}

static gboolean put_table_literal(Writer *w, const LsbValue *value, const char *path, int depth)
{
    g_string_append_c(w->out, '{');
    if (!put_table_items(w, value->u.table.items, path, depth + 1) ||
        !put_table_pairs(w, lsb_value_pairs(value), path, depth + 1))
        return FALSE;
    if (value->u.table.items->len + value->u.table.pairs->len > 0)
        put_line_break(w->out, depth);
    g_string_append_c(w->out, '}');
    return TRUE;
}

static gboolean put_literal(Writer *w, const LsbValue *value, const char *path, int depth)
{
    static const char what[] = "data that can be saved";
    switch (value->kind) {
    case LSB_VALUE_BOOLEAN:
        g_string_append(w->out, value->u.boolean ? "true" : "false");
        return TRUE;
    case LSB_VALUE_INTEGER:
        put_integer_literal(w->out, value->u.integer);
        return TRUE;
    case LSB_VALUE_NUMBER:
        if (isnan(value->u.number))
            return lsb_field_error(w->error, path, what, value);
        put_float_literal(w->out, value->u.number);
        return TRUE;
    case LSB_VALUE_STRING:
        put_string_literal(w->out, g_bytes_get_data(value->u.string, NULL),
                           g_bytes_get_size(value->u.string));
        return TRUE;
    case LSB_VALUE_TABLE:
        return put_table_literal(w, value, path, depth);
    default:
        return lsb_field_error(w->error, *path ? path : "recipe", what, value);
    }
}

GString *lsb_literal_write(const LsbValue *value, GError **error)
{
    Writer w = {g_string_new("return "), error};
    if (!put_literal(&w, value, "", 0)) {
        g_string_free(w.out, TRUE);
        return NULL;
    }
    g_string_append_c(w.out, '\n');
    if (w.out->len <= LSB_LITERAL_MOST)
        return w.out;
    g_string_free(w.out, TRUE);
    lsb_fail(error, INVALID, "recipe: expected at most 64M when it is saved, got more");
    return NULL;
}
