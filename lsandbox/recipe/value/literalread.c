/* Reading Lua literals in one pass, so that a hostile text costs no more time than its length. */
#include "recipe/value/literalread.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/literal.h"
#include "recipe/value/value.h"

enum {
    MOST_DEPTH = 32, /* of tables in tables, because the reader recurses */
    MOST_DIGITS = 400,
    MOST_VALUES = 1000000, /* each takes some 65 bytes, where its text may take two */
};

typedef struct {
    const char *where, *start, *at, *end;
    int depth;
    guint values; /* that were read */
    GError **error;
} Reader;

/* Set the error "WHERE:LINE: expected EXPECTED, got ..." for the place R is at. Always FALSE. */
static gboolean fail_literal(const Reader *r, const char *expected)
{
    guint line = 1;
    for (const char *c = r->start; c < r->at; c++)
        line += *c == '\n';
    g_autofree char *found = g_strndup(r->at, (gsize)MIN(r->end - r->at, 20));
    g_autofree char *shown = r->at < r->end ? lsb_text_show(found) : g_strdup("the end");
    return lsb_fail(r->error, FAILED, "%s:%u: expected %s, got %s", r->where, line, expected,
                    shown);
}

/* --- words and spaces --- */

/* The level of the long bracket that opens at R, which is the number of its "="; -1: none opens. */
static int long_bracket(const Reader *r)
{
    const char *c = r->at;
    if (c >= r->end || *c != '[')
        return -1;
    int level = 0;
    for (c++; c < r->end && *c == '='; c++)
        level++;
    return c < r->end && *c == '[' ? level : -1;
}

/* Go past the long bracket of LEVEL; *TEXT and *LEN get its text. */
static gboolean skip_long(Reader *r, int level, const char **text, gsize *len)
{
    g_autofree char *equals = g_strnfill((gsize)level, '=');
    g_autofree char *closing = g_strdup_printf("]%s]", equals);
    const char *begun = r->at + level + 2;
    const char *end =
        begun <= r->end ? memmem(begun, (gsize)(r->end - begun), closing, strlen(closing)) : NULL;
    if (!end)
        return fail_literal(r, "a long bracket that is closed");
    *text = begun;
    *len = (gsize)(end - begun);
    r->at = end + strlen(closing);
    return TRUE;
}

static gboolean skip_comment(Reader *r)
{
    const char *text;
    gsize len;
    r->at += 2;
    int level = long_bracket(r);
    if (level >= 0)
        return skip_long(r, level, &text, &len);
    while (r->at < r->end && *r->at != '\n')
        r->at++;
    return TRUE;
}

static gboolean skip_blank(Reader *r)
{
    for (;;) {
        while (r->at < r->end && g_ascii_isspace(*r->at))
            r->at++;
        if (r->end - r->at < 2 || r->at[0] != '-' || r->at[1] != '-')
            return TRUE;
        if (!skip_comment(r))
            return FALSE;
    }
}

static gboolean is_name_byte(char c, gboolean first)
{
    return g_ascii_isalpha(c) || c == '_' || (!first && g_ascii_isdigit(c));
}

/* The length of the name at R; 0: there is none. */
static gsize name_length(const Reader *r)
{
    const char *c = r->at;
    while (c < r->end && is_name_byte(*c, c == r->at))
        c++;
    return (gsize)(c - r->at);
}

static gboolean take_literal_word(Reader *r, const char *word)
{
    gsize len = name_length(r);
    if (len != strlen(word) || memcmp(r->at, word, len) != 0)
        return FALSE;
    r->at += len;
    return TRUE;
}

static gboolean take_byte(Reader *r, char c)
{
    if (r->at >= r->end || *r->at != c)
        return FALSE;
    r->at++;
    return TRUE;
}

/* --- strings --- */

/* Pairs: the letter behind the backslash, and the byte that it stands for. */
static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\v\\\\\"\"''\n\n";

static gboolean read_hex(Reader *r, GString *out)
{
    if (r->end - r->at < 2 || !g_ascii_isxdigit(r->at[0]) || !g_ascii_isxdigit(r->at[1]))
        return fail_literal(r, "two hexadecimal digits after \\x");
    g_string_append_c(out,
                      (char)(g_ascii_xdigit_value(r->at[0]) * 16 + g_ascii_xdigit_value(r->at[1])));
    r->at += 2;
    return TRUE;
}

static gboolean read_decimal(Reader *r, GString *out)
{
    int byte = 0;
    for (int i = 0; i < 3 && r->at < r->end && g_ascii_isdigit(*r->at); i++)
        byte = byte * 10 + (*r->at++ - '0');
    if (byte > 255)
        return fail_literal(r, "an escape \\ddd of at most \\255 before this");
    g_string_append_c(out, (char)byte);
    return TRUE;
}

static gboolean read_unicode(Reader *r, GString *out)
{
    guint32 c = 0;
    int digits = 0;
    if (!take_byte(r, '{'))
        return fail_literal(r, "\\u{XXX}");
    for (; r->at < r->end && g_ascii_isxdigit(*r->at) && digits < 6; digits++)
        c = c * 16 + (guint32)g_ascii_xdigit_value(*r->at++);
    if (digits == 0 || !take_byte(r, '}') || !g_unichar_validate(c))
        return fail_literal(r, "a character's number in \\u{}");
    g_string_append_unichar(out, c);
    return TRUE;
}

/* R is behind the backslash. */
static gboolean read_escape(Reader *r, GString *out)
{
    if (r->at < r->end && g_ascii_isdigit(*r->at))
        return read_decimal(r, out);
    if (take_byte(r, 'x'))
        return read_hex(r, out);
    if (take_byte(r, 'u'))
        return read_unicode(r, out);
    if (take_byte(r, 'z')) {
        while (r->at < r->end && g_ascii_isspace(*r->at))
            r->at++;
        return TRUE;
    }
    for (const char *e = escapes; *e; e += 2)
        if (take_byte(r, *e)) {
            g_string_append_c(out, e[1]);
            return TRUE;
        }
    return fail_literal(r, "an escape that Lua has");
}

static gboolean read_quoted(Reader *r, GString *out)
{
    char quote = *r->at++;
    while (!take_byte(r, quote)) {
        if (r->at >= r->end || *r->at == '\n')
            return fail_literal(r, "a string that is closed in its line");
        if (!take_byte(r, '\\'))
            g_string_append_c(out, *r->at++);
        else if (!read_escape(r, out))
            return FALSE;
    }
    return TRUE;
}

/* A line break right behind the opening bracket is not part of the string. */
static gboolean read_long(Reader *r, int level, GString *out)
{
    const char *text;
    gsize len, skip;
    if (!skip_long(r, level, &text, &len))
        return FALSE;
    skip = len > 0 && text[0] == '\r' ? 1 : 0;
    skip += len > skip && text[skip] == '\n' ? 1 : 0;
    g_string_append_len(out, text + skip, (gssize)(len - skip));
    return TRUE;
}

static LsbValue *read_string_literal(Reader *r)
{
    g_autoptr(GString) out = g_string_new(NULL);
    int level = long_bracket(r);
    if (!(level >= 0 ? read_long(r, level, out) : read_quoted(r, out)))
        return NULL;
    return lsb_value_string(out->str, (gssize)out->len);
}

/* --- numbers --- */

static gboolean is_number_part(const char *c, const char *start)
{
    gboolean hex = c - start > 1 && start[0] == '0' && (start[1] | 0x20) == 'x';
    gboolean exponent = c > start && ((c[-1] | 0x20) == (hex ? 'p' : 'e'));
    return g_ascii_isxdigit(*c) || *c == '.' || (*c | 0x20) == 'x' || (*c | 0x20) == 'p' ||
           (exponent && (*c == '+' || *c == '-'));
}

/*
 * The value of TEXT, which has no sign. As in Lua, a decimal integer that is too large becomes a
 * float, and a hexadecimal one wraps around.
 */
static LsbValue *number_literal(const char *text, gboolean negative)
{
    gboolean hex = text[0] == '0' && (text[1] | 0x20) == 'x';
    gboolean is_float = strpbrk(text, hex ? ".pP" : ".eE") != NULL;
    char *end;
    if (!is_float && hex) {
        guint64 n = 0;
        for (end = (char *)text + 2; g_ascii_isxdigit(*end); end++)
            n = n * 16 + (guint64)g_ascii_xdigit_value(*end);
        return *end || !text[2] ? NULL : lsb_value_integer((gint64)(negative ? -n : n));
    }
    if (!is_float) {
        errno = 0;
        guint64 n = g_ascii_strtoull(text, &end, 10);
        if (!*end && errno == 0 && n <= (guint64)G_MAXINT64)
            return lsb_value_integer(negative ? -(gint64)n : (gint64)n);
    }
    double d = g_ascii_strtod(text, &end);
    return *end || end == text ? NULL : lsb_value_number(negative ? -d : d);
}

static LsbValue *read_number_literal(Reader *r)
{
    const char *begun = r->at;
    gboolean negative = take_byte(r, '-');
    if (negative && !skip_blank(r))
        return NULL;
    const char *start = r->at;
    while (r->at < r->end && is_number_part(r->at, start))
        r->at++;
    gsize len = (gsize)(r->at - start);
    g_autofree char *text = g_strndup(start, len);
    gboolean plausible =
        len > 0 && len < MOST_DIGITS && (g_ascii_isdigit(*start) || (*start == '.' && len > 1));
    gboolean word_follows = r->at < r->end && is_name_byte(*r->at, FALSE);
    LsbValue *value = plausible && !word_follows ? number_literal(text, negative) : NULL;
    if (value)
        return value;
    r->at = begun;
    fail_literal(r, "a string, a number, true, false or a table");
    return NULL;
}

/* --- tables --- */

static LsbValue *read_literal(Reader *r);

/* Read [KEY] or NAME before "=". NULL without an error, and R stays, if a value comes instead. */
static char *read_field_key(Reader *r)
{
    const char *begun = r->at;
    gsize len = name_length(r);
    if (len > 0) {
        g_autofree char *name = g_strndup(r->at, len);
        r->at += len;
        if (skip_blank(r) && r->at < r->end && *r->at == '=')
            return g_steal_pointer(&name);
        r->at = begun;
        return NULL;
    }
    if (r->at >= r->end || *r->at != '[' || long_bracket(r) >= 0)
        return NULL;
    r->at++;
    g_autoptr(LsbValue) key = skip_blank(r) ? read_literal(r) : NULL;
    if (!key)
        return NULL;
    gsize size = 0;
    const char *text =
        key->kind == LSB_VALUE_STRING ? g_bytes_get_data(key->u.string, &size) : NULL;
    if (!text || memchr(text, 0, size))
        return fail_literal(r, "a string without NUL bytes as a key before this"), NULL;
    if (!skip_blank(r) || !take_byte(r, ']'))
        return fail_literal(r, "]"), NULL;
    return g_strdup(text);
}

static gboolean read_table_field(Reader *r, LsbValue *table)
{
    gboolean bracket = r->at < r->end && *r->at == '[' && long_bracket(r) < 0;
    g_autofree char *key = read_field_key(r);
    if (!key && bracket)
        return FALSE;
    if (key && (!skip_blank(r) || !take_byte(r, '=')))
        return fail_literal(r, "=");
    if (key && lsb_value_get(table, key))
        return fail_literal(r, "a key that the table does not have yet, before this");
    LsbValue *value = skip_blank(r) ? read_literal(r) : NULL;
    if (!value)
        return FALSE;
    if (key)
        lsb_value_set(table, key, value);
    else
        lsb_value_append(table, value);
    return TRUE;
}

static LsbValue *read_table_literal(Reader *r)
{
    g_autoptr(LsbValue) table = lsb_value_table();
    if (++r->depth > MOST_DEPTH)
        return fail_literal(r, "tables that are not nested deeper than 32"), NULL;
    r->at++;
    for (;;) {
        if (!skip_blank(r))
            return NULL;
        if (take_byte(r, '}'))
            break;
        if (!read_table_field(r, table) || !skip_blank(r))
            return NULL;
        if (!take_byte(r, ',') && !take_byte(r, ';') && !(r->at < r->end && *r->at == '}'))
            return fail_literal(r, "\",\" or \"}\""), NULL;
    }
    r->depth--;
    return g_steal_pointer(&table);
}

static LsbValue *read_literal(Reader *r)
{
    char c = r->at < r->end ? *r->at : 0;
    if (++r->values > MOST_VALUES)
        return fail_literal(r, "at most 1000000 values"), NULL;
    if (c == '{')
        return read_table_literal(r);
    if (c == '"' || c == '\'' || long_bracket(r) >= 0)
        return read_string_literal(r);
    if (take_literal_word(r, "true"))
        return lsb_value_boolean(TRUE);
    if (take_literal_word(r, "false"))
        return lsb_value_boolean(FALSE);
    return read_number_literal(r);
}

LsbValue *lsb_literal_read(const char *where, const char *text, gsize len, GError **error)
{
    Reader r = {.where = where, .start = text, .at = text, .end = text + len, .error = error};
    if (len > LSB_LITERAL_MOST)
        return lsb_fail(error, FAILED, "%s: expected at most 64M", where), NULL;
    if (!skip_blank(&r))
        return NULL;
    if (take_literal_word(&r, "return") && !skip_blank(&r))
        return NULL;
    g_autoptr(LsbValue) value = read_literal(&r);
    if (!value || !skip_blank(&r))
        return NULL;
    if (take_byte(&r, ';') && !skip_blank(&r))
        return NULL;
    if (r.at < r.end)
        return fail_literal(&r, "nothing more"), NULL;
    return g_steal_pointer(&value);
}
