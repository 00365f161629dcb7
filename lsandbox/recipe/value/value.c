/* Values of recipes: making, copying, freeing and showing them. */
#include "recipe/value/value.h"

#include <string.h>

enum {
    /* A message shows so much of a string: enough to recognise it, and no more than a line. */
    SHOWN_BYTES = 60,
    /* A table with fewer pairs is looked through, which is faster than to hash. */
    FEW_PAIRS = 16,
};

static LsbValue *value_new(LsbValueKind kind)
{
    LsbValue *v = g_new0(LsbValue, 1);
    v->kind = kind;
    return v;
}

LsbValue *lsb_value_boolean(gboolean b)
{
    LsbValue *v = value_new(LSB_VALUE_BOOLEAN);
    v->u.boolean = b;
    return v;
}

LsbValue *lsb_value_integer(gint64 i)
{
    LsbValue *v = value_new(LSB_VALUE_INTEGER);
    v->u.integer = i;
    return v;
}

LsbValue *lsb_value_number(double d)
{
    LsbValue *v = value_new(LSB_VALUE_NUMBER);
    v->u.number = d;
    return v;
}

LsbValue *lsb_value_string(const char *data, gssize len)
{
    gsize n = len < 0 ? strlen(data) : (gsize)len;
    char *copy = g_malloc(n + 1);
    memcpy(copy, data, n);
    copy[n] = 0;
    LsbValue *v = value_new(LSB_VALUE_STRING);
    v->u.string = g_bytes_new_with_free_func(copy, n, g_free, copy);
    return v;
}

static void pair_free(gpointer data)
{
    LsbPair *pair = data;
    g_free(pair->key);
    lsb_value_free(pair->value);
    g_free(pair);
}

LsbValue *lsb_value_table(void)
{
    LsbValue *v = value_new(LSB_VALUE_TABLE);
    v->u.table.items = g_ptr_array_new_with_free_func((GDestroyNotify)lsb_value_free);
    v->u.table.pairs = g_ptr_array_new_with_free_func(pair_free);
    return v;
}

LsbValue *lsb_value_file(int fd)
{
    LsbValue *v = value_new(LSB_VALUE_FILE);
    v->u.fd = fd;
    return v;
}

LsbValue *lsb_value_other(const char *name)
{
    LsbValue *v = value_new(LSB_VALUE_OTHER);
    v->u.name = name;
    return v;
}

void lsb_value_free(LsbValue *value)
{
    if (!value)
        return;
    if (value->kind == LSB_VALUE_STRING) {
        g_bytes_unref(value->u.string);
    } else if (value->kind == LSB_VALUE_TABLE) {
        g_ptr_array_unref(value->u.table.items);
        g_clear_pointer(&value->u.table.index, g_hash_table_unref);
        g_ptr_array_unref(value->u.table.pairs);
    }
    g_free(value);
}

LsbValue *lsb_value_copy(const LsbValue *value)
{
    LsbValue *copy = value_new(value->kind);
    copy->u = value->u;
    if (value->kind == LSB_VALUE_STRING)
        g_bytes_ref(value->u.string);
    if (value->kind != LSB_VALUE_TABLE)
        return copy;
    GPtrArray *items = value->u.table.items, *pairs = lsb_value_pairs(value);
    copy->u.table.index = NULL; /* made when it is first needed */
    copy->u.table.unsorted = FALSE;
    copy->u.table.items = g_ptr_array_new_full(items->len, (GDestroyNotify)lsb_value_free);
    copy->u.table.pairs = g_ptr_array_new_full(pairs->len, pair_free);
    for (guint i = 0; i < items->len; i++)
        g_ptr_array_add(copy->u.table.items, lsb_value_copy(items->pdata[i]));
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *from = pairs->pdata[i];
        LsbPair *pair = g_new0(LsbPair, 1);
        *pair = (LsbPair){g_strdup(from->key), lsb_value_copy(from->value)};
        g_ptr_array_add(copy->u.table.pairs, pair);
    }
    return copy;
}

LsbValue *lsb_value_append(LsbValue *table, LsbValue *value)
{
    g_ptr_array_add(table->u.table.items, value);
    return table;
}

/* --- the pairs of a table: appended, looked up by hash, and sorted when they are read --- */

static void make_index(LsbValue *table)
{
    GPtrArray *pairs = table->u.table.pairs;
    table->u.table.index = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < pairs->len; i++) {
        LsbPair *pair = pairs->pdata[i];
        g_hash_table_insert(table->u.table.index, pair->key, pair);
    }
}

static LsbPair *find_pair(const LsbValue *table, const char *key)
{
    GPtrArray *pairs = table->u.table.pairs;
    if (pairs->len >= FEW_PAIRS && !table->u.table.index)
        make_index((LsbValue *)table);
    if (table->u.table.index)
        return g_hash_table_lookup(table->u.table.index, key);
    for (guint i = 0; i < pairs->len; i++) {
        LsbPair *pair = pairs->pdata[i];
        if (strcmp(pair->key, key) == 0)
            return pair;
    }
    return NULL;
}

static void append_pair(LsbValue *table, const char *key, LsbValue *value)
{
    GPtrArray *pairs = table->u.table.pairs;
    const LsbPair *last = pairs->len ? pairs->pdata[pairs->len - 1] : NULL;
    LsbPair *pair = g_new0(LsbPair, 1);
    *pair = (LsbPair){g_strdup(key), value};
    table->u.table.unsorted |= last && strcmp(last->key, key) > 0;
    g_ptr_array_add(pairs, pair);
    if (table->u.table.index)
        g_hash_table_insert(table->u.table.index, pair->key, pair);
}

LsbValue *lsb_value_set(LsbValue *table, const char *key, LsbValue *value)
{
    LsbPair *pair = find_pair(table, key);
    if (pair) {
        lsb_value_free(pair->value);
        pair->value = value;
    } else {
        append_pair(table, key, value);
    }
    return table;
}

void lsb_value_remove(LsbValue *table, const char *key)
{
    LsbPair *pair = find_pair(table, key);
    if (!pair)
        return;
    if (table->u.table.index)
        g_hash_table_remove(table->u.table.index, key);
    g_ptr_array_remove(table->u.table.pairs, pair);
}

const LsbValue *lsb_value_get(const LsbValue *table, const char *key)
{
    const LsbPair *pair = find_pair(table, key);
    return pair ? pair->value : NULL;
}

static gint by_key(gconstpointer a, gconstpointer b)
{
    const LsbPair *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

GPtrArray *lsb_value_pairs(const LsbValue *table)
{
    LsbValue *t = (LsbValue *)table;
    if (t->u.table.unsorted)
        g_ptr_array_sort(t->u.table.pairs, by_key);
    t->u.table.unsorted = FALSE;
    return t->u.table.pairs;
}

gboolean lsb_value_is_list(const LsbValue *value)
{
    return value->kind == LSB_VALUE_TABLE && value->u.table.pairs->len == 0;
}

gboolean lsb_value_is_named(const LsbValue *value)
{
    return value->kind == LSB_VALUE_TABLE && value->u.table.items->len == 0;
}

/* Append C as in a Lua string: a quote, a backslash and an unprintable byte are escaped. */
static void show_character(GString *out, gunichar c, const char *at)
{
    if (c == '"' || c == '\\')
        g_string_append_printf(out, "\\%c", (char)c);
    else if (c >= (gunichar)-2 || !g_unichar_isprint(c))
        g_string_append_printf(out, "\\%u", (guchar)*at);
    else
        g_string_append_unichar(out, c);
}

static char *show_bytes(const char *data, gsize len)
{
    const char *end = data + MIN(len, (gsize)SHOWN_BYTES);
    GString *out = g_string_new("\"");
    for (const char *at = data; at < end;) {
        gunichar c = *at ? g_utf8_get_char_validated(at, (gssize)(data + len - at)) : 0;
        gboolean one_byte = c >= (gunichar)-2 || !g_unichar_isprint(c);
        show_character(out, c, at);
        at += one_byte ? 1 : g_unichar_to_utf8(c, NULL);
    }
    return g_string_free(g_string_append(out, len > SHOWN_BYTES ? "...\"" : "\""), FALSE);
}

char *lsb_text_show(const char *text)
{
    return show_bytes(text, strlen(text));
}

char *lsb_value_show(const LsbValue *value)
{
    switch (value->kind) {
    case LSB_VALUE_BOOLEAN:
        return g_strdup(value->u.boolean ? "true" : "false");
    case LSB_VALUE_INTEGER:
        return g_strdup_printf("%" G_GINT64_FORMAT, value->u.integer);
    case LSB_VALUE_NUMBER:
        return g_strdup_printf("%.14g", value->u.number);
    case LSB_VALUE_STRING:
        return show_bytes(g_bytes_get_data(value->u.string, NULL),
                          g_bytes_get_size(value->u.string));
    case LSB_VALUE_TABLE:
        return g_strdup("a table");
    case LSB_VALUE_FILE:
        return g_strdup(value->u.fd < 0 ? "a closed file" : "a file");
    case LSB_VALUE_OTHER:
        break;
    }
    return g_strdup_printf("a %s", value->u.name);
}
