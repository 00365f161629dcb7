/* The fields privileged, capabilities, no_new_privs, umask and seccomp. */
#include "recipe/identity/rightsfields.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "recipe/identity/rights.h"
#include "recipe/identity/seccompfields.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

gboolean lsb_rights_parse_privileged(const LsbValue *value, const char *path, gpointer out,
                                     gconstpointer arg, GError **error)
{
    LsbRights *rights = out;
    rights->has_privileged = TRUE;
    return lsb_field_boolean(value, path, &rights->privileged, arg, error);
}

gboolean lsb_rights_parse_no_new_privs(const LsbValue *value, const char *path, gpointer out,
                                       gconstpointer arg, GError **error)
{
    LsbRights *rights = out;
    rights->has_no_new_privs = TRUE;
    return lsb_field_boolean(value, path, &rights->no_new_privs, arg, error);
}

enum { MOST_UMASK = 0777 };

static gboolean parse_capability(const LsbValue *value, const char *at, gpointer out,
                                 gconstpointer arg, GError **error)
{
    guint64 *mask = out;
    (void)arg;
    static const char what[] = "the name of a capability like \"net_bind_service\"";
    const char *name = lsb_value_text(value, at, what, error);
    if (!name)
        return FALSE;
    int number = lsb_capability_number(name);
    if (number < 0) {
        const char *near = lsb_capability_nearest(name);
        g_autofree char *shown = lsb_text_show(name);
        return lsb_fail(error, INVALID, "%s: expected %s, got %s%s%s%s", at, what, shown,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    if (*mask >> number & 1) {
        g_autofree char *shown = lsb_text_show(name);
        return lsb_fail(error, INVALID, "%s: expected each capability once, got %s again", at,
                        shown);
    }
    *mask |= G_GUINT64_CONSTANT(1) << number;
    return TRUE;
}

gboolean lsb_rights_parse_capabilities(const LsbValue *value, const char *path, gpointer out,
                                       gconstpointer arg, GError **error)
{
    LsbRights *rights = out;
    guint64 mask = 0;
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of names of capabilities", value);
    if (!lsb_fields_each(value, path, parse_capability, &mask, NULL, error))
        return FALSE;
    rights->has_capabilities = TRUE;
    rights->capabilities = mask;
    return TRUE;
}

/* Given as file modes are: a string of octal digits, or an integer. */
/* Masks as people write them. As decimal numbers they are others, which nobody wants. */
static gboolean is_decimal_umask(gint64 number)
{
    static const int masks[] = {22, 26, 27, 33, 37, 66, 77};
    for (gsize i = 0; i < G_N_ELEMENTS(masks); i++)
        if (number == masks[i])
            return TRUE;
    return FALSE;
}

gboolean lsb_rights_parse_umask(const LsbValue *value, const char *path, gpointer out,
                                gconstpointer arg, GError **error)
{
    static const char what[] = "an octal string from \"0\" to \"777\" like \"022\", or an integer "
                               "from 0 to 511";
    LsbRights *rights = out;
    gint64 number = -1;
    guint64 octal;
    (void)arg;
    if (value->kind == LSB_VALUE_STRING) {
        const char *text = lsb_value_text(value, path, what, error);
        if (!text)
            return FALSE;
        if (strspn(text, "01234567") == strlen(text) &&
            g_ascii_string_to_unsigned(text, 8, 0, MOST_UMASK, &octal, NULL))
            number = (gint64)octal;
    } else if (!lsb_value_whole(value, &number))
        number = -1;
    if (number < 0 || number > MOST_UMASK)
        return lsb_field_error(error, path, what, value);
    if (value->kind != LSB_VALUE_STRING && is_decimal_umask(number))
        return lsb_fail(error, INVALID,
                        "%s: expected a mask in octal, as the string \"%03d\", got the decimal "
                        "number %d",
                        path, (int)number, (int)number);
    rights->has_umask = TRUE;
    rights->umask = (guint)number;
    return TRUE;
}

gboolean lsb_rights_parse_seccomp(const LsbValue *value, const char *path, gpointer out,
                                  gconstpointer arg, GError **error)
{
    return lsb_seccomp_parse(value, path, &((LsbRights *)out)->seccomp, arg, error);
}
