/* The field timezone of a recipe. */
#include "recipe/timezone.h"

#include <string.h>

#include "base/error.h"
#include "base/rootfile.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "shared/units.h"

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

enum { MOST_OF_A_ZONE = 64 * KiB }; /* the longest ones have 4 KiB */

gboolean lsb_timezone_check(const char *root, const char *name, GError **error)
{
    static const char magic[] = "TZif";
    if (!name || !root)
        return TRUE;
    gsize len = 0;
    g_autofree char *path = g_build_filename(ZONES, name, NULL);
    g_autofree char *data = lsb_rootfile_read(root, path, MOST_OF_A_ZONE, &len);
    if (data && len > strlen(magic) && memcmp(data, magic, strlen(magic)) == 0)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "timezone: expected a time zone below /" ZONES
                    " of the root file system, " EXAMPLE ", got \"%s\"",
                    name);
}
