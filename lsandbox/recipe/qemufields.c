/* The field qemu of a recipe. */
#include "recipe/qemufields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum { MOST_ARGS = 256, MOST_ENV = 64, MOST_TEXT = 4096 };

/* The variables that configure the launcher (domain/xml/machinexml.c). */
#define OUR_PREFIX "LSANDBOX_"

/* --- args --- */

/*
 * Check that VALUE is text that XML can carry, and shorter than the longest argument of execve(2).
 */
static gboolean check_text(const LsbValue *value, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    if (!lsb_field_string(value, path, &text, NULL, error))
        return FALSE;
    return strlen(text) <= MOST_TEXT ||
           lsb_fail(error, INVALID, "%s: expected at most %d bytes, got %" G_GSIZE_FORMAT, path,
                    MOST_TEXT, strlen(text));
}

static gboolean parse_args(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    if (!lsb_field_strings(value, path, out, arg, error))
        return FALSE;
    GPtrArray *items = value->u.table.items;
    if (!lsb_field_at_most(path, MOST_ARGS, "arguments", items->len, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!check_text(items->pdata[i], at, error))
            return FALSE;
    }
    return TRUE;
}

/* --- env --- */

/* libvirt's rule (qemuDomainDefNamespaceParseCommandlineEnv). */
static gboolean is_variable_name(const char *name)
{
    if (!g_ascii_isalpha(*name) && *name != '_')
        return FALSE;
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '_')
            return FALSE;
    return TRUE;
}

static gboolean check_variable(const LsbPair *pair, const char *at, GError **error)
{
    if (!is_variable_name(pair->key))
        return lsb_fail(error, INVALID,
                        "%s: expected a variable's name of letters, digits and \"_\", the first no "
                        "digit",
                        at);
    if (g_str_has_prefix(pair->key, OUR_PREFIX))
        return lsb_fail(error, INVALID,
                        "%s: expected a variable that is QEMU's: those of " OUR_PREFIX
                        "* are lsandbox's own",
                        at);
    gint64 number;
    return lsb_value_whole(pair->value, &number) || check_text(pair->value, at, error);
}

static gboolean parse_env(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    g_autoptr(GPtrArray) env = g_ptr_array_new_with_free_func(g_free);
    if (!lsb_field_environment(value, path, &env, arg, error))
        return FALSE;
    GPtrArray *pairs = lsb_value_pairs(value);
    if (!lsb_field_at_most(path, MOST_ENV, "variables", pairs->len, error))
        return FALSE;
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        if (!check_variable(pair, at, error))
            return FALSE;
    }
    *(GPtrArray **)out = g_steal_pointer(&env);
    return TRUE;
}

/* --- the field --- */

static const LsbField qemu_fields[] = {
    {"args", parse_args, offsetof(LsbQemu, args), NULL},
    {"env", parse_env, offsetof(LsbQemu, env), NULL},
    {NULL, NULL, 0, NULL},
};

gboolean lsb_qemu_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    (void)arg;
    LsbQemu *qemu = out;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of args and env", value);
    qemu->set = TRUE;
    return lsb_fields_read(value, path, qemu_fields, qemu, error);
}

void lsb_qemu_clear(LsbQemu *qemu)
{
    g_strfreev(qemu->args);
    if (qemu->env)
        g_ptr_array_unref(qemu->env);
}
