/* The field timezone of a recipe. */
#include "recipe/timezone.h"

#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

#define ZONES    "usr/share/zoneinfo"
#define EXAMPLE  "like \"Europe/Berlin\""
#define ALPHABET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_/"

/* The alphabet has no dot, so that no name contains "..". */
gboolean lsb_timezone_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    static const char what[] = "the name of a time zone " EXAMPLE;
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!*text || text[strspn(text, ALPHABET)] || text[0] == '/' || g_str_has_suffix(text, "/") ||
        strstr(text, "//"))
        return lsb_field_error(error, path, what, value);
    lsb_field_set_text(out, text);
    return TRUE;
}

gboolean lsb_timezone_check(const char *root, const char *name, GError **error)
{
    static const char magic[] = "TZif";
    if (!name || !root)
        return TRUE;
    g_autofree char *path = g_build_filename(root, ZONES, name, NULL), *data = NULL;
    gsize len = 0;
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents(path, &data, &len, NULL) &&
        len > strlen(magic) && memcmp(data, magic, strlen(magic)) == 0)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "timezone: expected a time zone below /" ZONES
                    " of the root file system, " EXAMPLE ", got \"%s\"",
                    name);
}
