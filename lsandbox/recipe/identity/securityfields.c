/* The field security of a recipe: labels of mandatory access control, and the user namespace. */
#include "recipe/identity/securityfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/identity/idmap.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

static const char *const type_words[] = {"dynamic", "static", "inherit", "none", NULL};
static const char *const model_words[] = {"selinux", "apparmor", "dac", NULL};

static gboolean parse_type(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    int word;
    if (!lsb_field_enum(value, path, &word, arg, error))
        return FALSE;
    *(LsbLabelType *)out = (LsbLabelType)(word + LSB_LABEL_DYNAMIC);
    return TRUE;
}

static gboolean parse_model(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    int word;
    if (!lsb_field_enum(value, path, &word, arg, error))
        return FALSE;
    lsb_field_set_text(out, model_words[word]);
    return TRUE;
}

static gboolean parse_relabel(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    LsbSecurity *security = out;
    security->has_relabel = TRUE;
    return lsb_field_boolean(value, path, &security->relabel, arg, error);
}

static const LsbField security_fields[] = {
    {"type", parse_type, offsetof(LsbSecurity, type), type_words},
    {"model", parse_model, offsetof(LsbSecurity, model), model_words},
    {"label", lsb_field_string, offsetof(LsbSecurity, label), NULL},
    {"baselabel", lsb_field_string, offsetof(LsbSecurity, baselabel), NULL},
    {"relabel", parse_relabel, 0, NULL},
    {"userns", lsb_userns_parse, offsetof(LsbSecurity, userns), NULL},
    {NULL, NULL, 0, NULL},
};

/* --- which fields go together --- */

/* Refuse the field NAME beside this TYPE. */
static gboolean no_field(const LsbValue *table, const char *path, const char *name,
                         const char *type, GError **error)
{
    const LsbValue *value = lsb_value_get(table, name);
    if (!value)
        return TRUE;
    g_autofree char *at = lsb_field_join(path, name),
                    *what = g_strdup_printf("nothing with type = \"%s\"", type);
    return lsb_field_error(error, at, what, value);
}

gboolean lsb_security_dac_ids(const char *label, guint32 *uid, guint32 *gid)
{
    g_auto(GStrv) parts = g_strsplit(label, ":", 0);
    guint32 *ids[] = {uid, gid};
    if (g_strv_length(parts) != 2)
        return FALSE;
    for (guint i = 0; i < 2; i++) {
        guint64 number;
        const char *text = parts[i] + (parts[i][0] == '+');
        if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, &number, NULL))
            return FALSE;
        *ids[i] = (guint32)number;
    }
    return TRUE;
}

static gboolean check_label(const LsbSecurity *s, const LsbValue *table, const char *path,
                            GError **error)
{
    guint32 uid, gid;
    g_autofree char *at = lsb_field_join(path, "label");
    if (!s->label)
        return lsb_fail(error, INVALID, "%s: expected a label with type = \"static\", got nothing",
                        at);
    if (g_strcmp0(s->model, "dac") != 0)
        return TRUE;
    const LsbValue *label = lsb_value_get(table, "label");
    if (!lsb_security_dac_ids(s->label, &uid, &gid))
        return lsb_field_error(error, at, "a user's and a group's number like \"+107:+107\"",
                               label);
    if (uid == 0 || gid == 0)
        return lsb_field_error(error, at,
                               "numbers other than 0, because QEMU must not run as the host's root",
                               label);
    return TRUE;
}

/* Refuse what libvirt would refuse at the start (formatdomain, "Security label"). */
static gboolean check_security(const LsbSecurity *s, const LsbValue *table, const char *path,
                               GError **error)
{
    const char *type = type_words[s->type == LSB_LABEL_NOT_SAID ? 0 : s->type - LSB_LABEL_DYNAMIC];
    if (s->type == LSB_LABEL_STATIC)
        return check_label(s, table, path, error) &&
               no_field(table, path, "baselabel", type, error);
    if (!no_field(table, path, "label", type, error))
        return FALSE;
    if (s->type == LSB_LABEL_INHERIT || s->type == LSB_LABEL_NONE) {
        if (!no_field(table, path, "baselabel", type, error))
            return FALSE;
        return s->type == LSB_LABEL_INHERIT || (no_field(table, path, "relabel", type, error) &&
                                                no_field(table, path, "model", type, error));
    }
    if (s->has_relabel && !s->relabel) {
        g_autofree char *at = lsb_field_join(path, "relabel");
        return lsb_field_error(error, at, "true with type = \"dynamic\", which labels what it uses",
                               lsb_value_get(table, "relabel"));
    }
    return TRUE;
}

gboolean lsb_security_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    return lsb_field_table(value, path, out, security_fields, error) &&
           check_security(out, value, path, error);
}

void lsb_security_clear(LsbSecurity *security)
{
    g_free(security->model);
    g_free(security->label);
    g_free(security->baselabel);
    memset(security, 0, sizeof *security);
}
