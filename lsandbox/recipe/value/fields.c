/* Reading tables of named fields, and the parsers of the types that fields of all kinds have. */
#include "recipe/value/fields.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/size.h"
#include "recipe/value/value.h"

enum {
    NEAR_ENOUGH = 2,     /* edits between a mistyped key and the key that was meant */
    MAX_KEY = 40,        /* bytes; no known key is longer, so that no mistyped one is */
    LONGEST_PATH = 4096, /* PATH_MAX of linux/limits.h, with the NUL */
    /* GLib's timers count milliseconds in 32 bits: 49 days. */
    MOST_SECONDS = G_MAXUINT32 / 1000,
};

gboolean lsb_field_error(GError **error, const char *path, const char *what, const LsbValue *got)
{
    g_autofree char *shown = lsb_value_show(got);
    return lsb_fail(error, INVALID, "%s: expected %s, got %s", path, what, shown);
}

void lsb_field_set_text(gpointer out, const char *text)
{
    char **string = out;
    g_free(*string);
    *string = g_strdup(text);
}

gboolean lsb_field_at_most(const char *path, guint most, const char *things, guint count,
                           GError **error)
{
    return count <= most || lsb_fail(error, INVALID, "%s: expected at most %u %s, got %u", path,
                                     most, things, count);
}

char *lsb_field_canonical(const char *absolute)
{
    while (absolute[0] == '/' && absolute[1] == '/')
        absolute++;
    return g_canonicalize_filename(absolute, "/");
}

static gboolean is_plain_key(const char *key)
{
    for (const char *c = key; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '_')
            return FALSE;
    return *key && strlen(key) <= MAX_KEY;
}

char *lsb_field_join(const char *path, const char *key)
{
    if (is_plain_key(key))
        return g_strconcat(path, *path ? "." : "", key, NULL);
    g_autofree char *shown = lsb_text_show(key);
    return g_strdup_printf("%s[%s]", path, shown);
}

guint lsb_text_distance(const char *a, const char *b)
{
    gsize n = strlen(b);
    guint row[MAX_KEY + 1];
    if (n > MAX_KEY || strlen(a) > MAX_KEY)
        return G_MAXUINT;
    for (guint j = 0; j <= n; j++)
        row[j] = j;
    for (guint i = 1; a[i - 1]; i++) {
        guint diagonal = row[0];
        row[0] = i;
        for (guint j = 1; j <= n; j++) {
            guint replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

static const char *nearest_field(const char *key, const LsbField *fields)
{
    const char *best = NULL;
    guint least = NEAR_ENOUGH + 1;
    for (const LsbField *f = fields; f->name; f++) {
        guint d = lsb_text_distance(key, f->name);
        if (d < least) {
            least = d;
            best = f->name;
        }
    }
    return best;
}

static gboolean unknown_key(GError **error, const char *path, const char *key,
                            const LsbField *fields)
{
    const char *near = nearest_field(key, fields);
    g_autofree char *at = lsb_field_join(path, key);
    return lsb_fail(error, INVALID, "%s: unknown key%s%s%s", at, near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
}

static const LsbField *find_field(const LsbField *fields, const char *name)
{
    for (const LsbField *f = fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

gboolean lsb_fields_read(const LsbValue *table, const char *path, const LsbField *fields,
                         gpointer structure, GError **error)
{
    GPtrArray *pairs = lsb_value_pairs(table);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        const LsbField *field = find_field(fields, pair->key);
        if (!field)
            return unknown_key(error, path, pair->key, fields);
        g_autofree char *at = lsb_field_join(path, pair->key);
        if (!field->parse(pair->value, at, (char *)structure + field->offset, field->arg, error))
            return FALSE;
    }
    return TRUE;
}

gboolean lsb_fields_each(const LsbValue *table, const char *path, LsbFieldParser parse,
                         gpointer out, gconstpointer arg, GError **error)
{
    GPtrArray *items = table->u.table.items;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!parse(items->pdata[i], at, out, arg, error))
            return FALSE;
    }
    return TRUE;
}

const char *lsb_value_text(const LsbValue *value, const char *path, const char *what,
                           GError **error)
{
    gsize len = 0;
    const char *text =
        value->kind == LSB_VALUE_STRING ? g_bytes_get_data(value->u.string, &len) : NULL;
    if (!text || memchr(text, 0, len)) {
        lsb_field_error(error, path, text ? "a string without NUL bytes" : what, value);
        return NULL;
    }
    return text;
}

/* libxml2 would not refuse what XML cannot carry but change it, into another path for instance. */
gboolean lsb_text_is_plain(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            return FALSE;
    return TRUE;
}

gboolean lsb_value_whole(const LsbValue *value, gint64 *number)
{
    if (value->kind == LSB_VALUE_INTEGER) {
        *number = value->u.integer;
        return TRUE;
    }
    if (value->kind != LSB_VALUE_NUMBER || !(fabs(value->u.number) < 0x1p63) ||
        value->u.number != floor(value->u.number))
        return FALSE;
    *number = (gint64)value->u.number;
    return TRUE;
}

double lsb_value_double(const LsbValue *value)
{
    return value->kind == LSB_VALUE_INTEGER  ? (double)value->u.integer
           : value->kind == LSB_VALUE_NUMBER ? value->u.number
                                             : -1;
}

double lsb_value_seconds(const LsbValue *value)
{
    double seconds;
    if (value->kind != LSB_VALUE_STRING)
        return lsb_value_double(value);
    gsize length;
    const char *text = g_bytes_get_data(value->u.string, &length);
    return strlen(text) == length && lsb_seconds_parse(text, &seconds) ? seconds : -1;
}

char *lsb_value_whole_text(const LsbValue *value)
{
    gint64 number;
    return lsb_value_whole(value, &number) ? g_strdup_printf("%" G_GINT64_FORMAT, number) : NULL;
}

gboolean lsb_field_table(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of named fields", value);
    return lsb_fields_read(value, path, arg, out, error);
}

gboolean lsb_field_boolean(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    if (value->kind != LSB_VALUE_BOOLEAN)
        return lsb_field_error(error, path, "true or false", value);
    *(gboolean *)out = value->u.boolean;
    return TRUE;
}

gboolean lsb_field_string(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    const char *text = lsb_value_text(value, path, "a string", error);
    if (!text)
        return FALSE;
    if (!*text)
        return lsb_field_error(error, path, "a string that is not empty", value);
    if (!lsb_text_is_plain(text))
        return lsb_field_error(error, path, "UTF-8 text without control characters", value);
    lsb_field_set_text(out, text);
    return TRUE;
}

gboolean lsb_field_path(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    (void)arg;
    const char *text = lsb_value_text(value, path, "absolute path", error);
    if (!text)
        return FALSE;
    if (!g_path_is_absolute(text))
        return lsb_field_error(error, path, "absolute path", value);
    if (strlen(text) >= LONGEST_PATH)
        return lsb_field_error(error, path, "absolute path of less than 4096 bytes", value);
    if (!lsb_text_is_plain(text))
        return lsb_field_error(error, path, "absolute path in UTF-8 without control characters",
                               value);
    g_free(*(char **)out);
    *(char **)out = lsb_field_canonical(text);
    return TRUE;
}

gboolean lsb_field_size(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    static const char what[] = "a size like 1048576, \"64K\", \"256M\" or \"2GiB\"";
    (void)arg;
    guint64 size = 0;
    gint64 number;
    if (lsb_value_whole(value, &number) && number > 0)
        size = (guint64)number;
    else if (value->kind != LSB_VALUE_STRING)
        return lsb_field_error(error, path, what, value);
    else {
        const char *text = lsb_value_text(value, path, what, error);
        if (!text)
            return FALSE;
        if (!lsb_size_parse(text, &size) || size == 0)
            return lsb_field_error(error, path, what, value);
    }
    *(guint64 *)out = size;
    return TRUE;
}

gboolean lsb_field_seconds(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    double seconds = lsb_value_seconds(value);
    if (!(seconds > 0) || seconds > MOST_SECONDS) {
        g_autofree char *what =
            g_strdup_printf("a number of seconds above 0, at most %u", (guint)MOST_SECONDS);
        return lsb_field_error(error, path, what, value);
    }
    *(double *)out = seconds;
    return TRUE;
}

gboolean lsb_field_uint(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    const LsbRange *range = arg;
    gint64 number;
    if (!lsb_value_whole(value, &number) || number < range->min || number > range->max) {
        g_autofree char *what = g_strdup_printf("an integer from %u to %u", range->min, range->max);
        return lsb_field_error(error, path, what, value);
    }
    *(guint *)out = (guint)number;
    return TRUE;
}

/* Whether nobody has a right in MODE that those before lack, and the owner may read. */
static gboolean is_nested_mode(gint64 mode)
{
    gint64 owner = mode >> 6 & 7, group = mode >> 3 & 7, other = mode & 7;
    return (owner & 4) && !(group & ~owner) && !(other & ~group);
}

/* Whether MODE is one that files have: also, a class that reads may run what the owner may. */
static gboolean is_usual_mode(gint64 mode)
{
    gint64 owner = mode >> 6 & 7, group = mode >> 3 & 7, other = mode & 7;
    gboolean runs = (owner & 1) != 0;
    return is_nested_mode(mode) && !((group & 2) && !(group & 4)) &&
           !((group & 4) && (group & 1) != runs) && !((other & 4) && (other & 1) != runs);
}

/*
 * The octal number that the decimal digits of MODE were meant to be: 0644 of 644; -1: MODE is right
 * as it is. 644 would give the owner no right to read, while 420, which is 0644, would be 0420.
 */
static gint64 meant_octal(gint64 mode)
{
    g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, mode);
    if (digits[strspn(digits, "01234567")])
        return -1;
    gint64 octal = g_ascii_strtoll(digits, NULL, 8);
    return octal <= 07777 && is_nested_mode(octal) && !is_usual_mode(mode) ? octal : -1;
}

static gboolean refuse_decimal(const char *path, gint64 mode, GError **error)
{
    return lsb_fail(error, INVALID,
                    "%s: expected a file mode in octal, as the string \"%04o\", got the decimal "
                    "number %d",
                    path, (guint)meant_octal(mode), (int)mode);
}

/* Lua has no octal numbers, so that a string is octal, and an integer is tonumber("644", 8). */
gboolean lsb_field_mode(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    (void)arg;
    gint64 mode;
    if (!lsb_value_whole(value, &mode))
        mode = -1;
    else if (mode >= 0 && meant_octal(mode) >= 0)
        return refuse_decimal(path, mode, error);
    if (value->kind == LSB_VALUE_STRING) {
        gsize length;
        const char *text = g_bytes_get_data(value->u.string, &length);
        if (length > 0 && length <= 5 && strspn(text, "01234567") == length)
            mode = g_ascii_strtoll(text, NULL, 8);
    }
    if (mode < 0 || mode > 07777)
        return lsb_field_error(error, path, "a file mode like \"0644\"", value);
    *(int *)out = (int)mode;
    return TRUE;
}

gboolean lsb_field_enum(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    const char *const *words = arg;
    g_autofree char *list = g_strjoinv("\", \"", (char **)words);
    g_autofree char *what = g_strdup_printf("one of \"%s\"", list);
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *(int *)out = i;
            return TRUE;
        }
    return lsb_field_error(error, path, what, value);
}

gboolean lsb_field_strings(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of strings", value);
    GPtrArray *items = value->u.table.items;
    g_auto(GStrv) list = g_new0(char *, items->len + 1);
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        const char *text = lsb_value_text(items->pdata[i], at, "a string", error);
        if (!text)
            return FALSE;
        list[i] = g_strdup(text);
    }
    g_strfreev(*(char ***)out);
    *(char ***)out = g_steal_pointer(&list);
    return TRUE;
}

gboolean lsb_field_environment(const LsbValue *value, const char *path, gpointer out,
                               gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of name = value", value);
    GPtrArray *pairs = lsb_value_pairs(value), *env = *(GPtrArray **)out;
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        if (!*pair->key || strchr(pair->key, '='))
            return lsb_fail(error, INVALID,
                            "%s: expected a variable's name, not empty and without \"=\"", at);
        g_autofree char *number = lsb_value_whole_text(pair->value);
        const char *text = number ? number : lsb_value_text(pair->value, at, "a string", error);
        if (!text)
            return FALSE;
        g_ptr_array_add(env, g_strdup_printf("%s=%s", pair->key, text));
    }
    return TRUE;
}
