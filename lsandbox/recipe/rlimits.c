/* The field rlimits of a recipe and of a program's table. */
#include "recipe/rlimits.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/size.h"
#include "recipe/value/value.h"
#include "shared/wire.h"

#define LIMIT_WORDS "a number from 0, a size like \"10M\""

/* Read one limit of any form. FALSE: VALUE is not a limit. */
static gboolean is_limit(const LsbValue *value, guint64 *limit)
{
    gint64 number;
    gsize len;
    if (value->kind != LSB_VALUE_STRING) {
        gboolean good = lsb_value_whole(value, &number) && number >= 0;
        *limit = good ? (guint64)number : 0;
        return good;
    }
    const char *text = g_bytes_get_data(value->u.string, &len);
    if (strlen(text) != len)
        return FALSE;
    *limit = LSB_UNLIMITED;
    return strcmp(text, "unlimited") == 0 || lsb_size_parse(text, limit);
}

/* The soft or the hard limit of a table. */
static gboolean parse_value(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    return is_limit(value, out) ||
           lsb_field_error(error, path, LIMIT_WORDS " or \"unlimited\"", value);
}

static const LsbField pair_fields[] = {
    {"soft", parse_value, offsetof(LsbRlimit, soft), NULL},
    {"hard", parse_value, offsetof(LsbRlimit, hard), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean parse_pair(const LsbValue *value, const char *path, LsbRlimit *limit,
                           GError **error)
{
    if (!lsb_fields_read(value, path, pair_fields, limit, error))
        return FALSE;
    for (const LsbField *f = pair_fields; f->name; f++)
        if (!lsb_value_get(value, f->name))
            return lsb_fail(error, INVALID,
                            "%s.%s: expected " LIMIT_WORDS " or \"unlimited\", got nothing", path,
                            f->name);
    if (limit->soft <= limit->hard)
        return TRUE;
    g_autofree char *at = lsb_field_join(path, "soft"),
                    *shown = lsb_value_show(lsb_value_get(value, "hard")),
                    *what = g_strdup_printf("at most the hard limit, %s", shown);
    return lsb_field_error(error, at, what, lsb_value_get(value, "soft"));
}

static gboolean parse_limit(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    LsbRlimit limit = {.set = TRUE};
    if (lsb_value_is_named(value)) {
        if (!parse_pair(value, path, &limit, error))
            return FALSE;
    } else {
        if (!is_limit(value, &limit.soft))
            return lsb_field_error(
                error, path, LIMIT_WORDS ", \"unlimited\" or a table { soft =, hard = }", value);
        limit.hard = limit.soft;
    }
    *(LsbRlimit *)out = limit;
    return TRUE;
}

static const LsbField limit_fields[] = {
#define ROW(suffix, name) {name, parse_limit, offsetof(LsbRlimits, of[RLIMIT_##suffix]), NULL},
    WIRE_LIMITS(ROW)
#undef ROW
        {NULL, NULL, 0, NULL},
};

gboolean lsb_rlimits_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of limits by name", value);
    return lsb_fields_read(value, path, limit_fields, out, error);
}
