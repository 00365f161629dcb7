/* The field seccomp of a recipe and of a program's table. */
#include "recipe/identity/seccompfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/identity/seccompfilter.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum { MOST_ERRNO = 4095 /* MAX_ERRNO of linux/err.h */ };

static const char *const fallback_words[] = {"allow", "errno", "kill", NULL};

/* The lists of calls that a table may have. */
enum { LIST_ALLOW, LIST_DENY, LIST_KILL, LISTS };
static const char *const list_names[LISTS] = {
    [LIST_ALLOW] = "allow",
    [LIST_DENY] = "deny",
    [LIST_KILL] = "kill",
};

/* The table as written; "default" is FALLBACK here. */
typedef struct {
    gboolean has_profile, has_fallback;
    int profile, fallback;
    int errnum;
    char **lists[LISTS];
} SeccompDraft;

/* --- names of calls --- */

static gboolean check_call_name(const char *name, const char *at, GError **error)
{
    if (lsb_seccomp_knows(name))
        return TRUE;
    g_autofree char *near = lsb_seccomp_nearest(name), *shown = lsb_text_show(name);
    return lsb_fail(error, INVALID, "%s: expected the name of a system call, got %s%s%s%s", at,
                    shown, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static gboolean parse_calls(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    char ***list = out;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of names of system calls", value);
    if (!lsb_field_strings(value, path, list, arg, error))
        return FALSE;
    for (guint i = 0; (*list)[i]; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!check_call_name((*list)[i], at, error))
            return FALSE;
    }
    return TRUE;
}

/* The place "LIST[N]" where LISTS has NAME before element I of list K; NULL: nowhere. */
static char *named_before(char **const lists[LISTS], guint k, guint i, const char *name)
{
    for (guint other = 0; other <= k; other++)
        for (guint j = 0; lists[other] && lists[other][j] && (other < k || j < i); j++)
            if (strcmp(lists[other][j], name) == 0)
                return g_strdup_printf("%s[%u]", list_names[other], j + 1);
    return NULL;
}

static gboolean check_lists(const char *path, char **const lists[LISTS], GError **error)
{
    for (guint k = 0; k < LISTS; k++)
        for (guint i = 0; lists[k] && lists[k][i]; i++) {
            const char *name = lists[k][i];
            g_autofree char *before = named_before(lists, k, i, name);
            if (before)
                return lsb_fail(error, INVALID,
                                "%s.%s[%u]: expected each call once, got \"%s\", which is %s as "
                                "well",
                                path, list_names[k], i + 1, name, before);
            if (k != LIST_ALLOW && g_strv_contains(lsb_seccomp_always, name))
                return lsb_fail(error, INVALID,
                                "%s.%s[%u]: expected a call that a program can do without, got "
                                "\"%s\"",
                                path, list_names[k], i + 1, name);
        }
    return TRUE;
}

/* --- the other fields --- */

static gboolean parse_errno(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    static const char what[] = "the name of an error like \"EPERM\", or its number";
    gint64 number;
    if (lsb_value_whole(value, &number)) {
        if (number < 1 || number > MOST_ERRNO)
            return lsb_field_error(error, path, "a number from 1 to 4095", value);
        *(int *)out = (int)number;
        return TRUE;
    }
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    for (int i = 1; i <= MOST_ERRNO; i++) {
        const char *name = strerrorname_np(i);
        if (name && strcmp(name, text) == 0) {
            *(int *)out = i;
            return TRUE;
        }
    }
    return lsb_field_error(error, path, what, value);
}

static gboolean parse_profile(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    SeccompDraft *draft = out;
    draft->has_profile = TRUE;
    return lsb_field_enum(value, path, &draft->profile, arg, error);
}

static gboolean parse_fallback(const LsbValue *value, const char *path, gpointer out,
                               gconstpointer arg, GError **error)
{
    SeccompDraft *draft = out;
    draft->has_fallback = TRUE;
    return lsb_field_enum(value, path, &draft->fallback, arg, error);
}

static const LsbField seccomp_fields[] = {
    {"profile", parse_profile, 0, lsb_seccomp_profiles},
    {"default", parse_fallback, 0, fallback_words},
    {"errno", parse_errno, offsetof(SeccompDraft, errnum), NULL},
    {"allow", parse_calls, offsetof(SeccompDraft, lists[LIST_ALLOW]), NULL},
    {"deny", parse_calls, offsetof(SeccompDraft, lists[LIST_DENY]), NULL},
    {"kill", parse_calls, offsetof(SeccompDraft, lists[LIST_KILL]), NULL},
    {NULL, NULL, 0, NULL},
};

/* --- the whole --- */

static gboolean check_draft(const SeccompDraft *draft, const LsbValue *value, const char *path,
                            GError **error)
{
    if (draft->has_profile && draft->has_fallback) {
        g_autofree char *at = lsb_field_join(path, "default");
        return lsb_field_error(error, at, "nothing beside a profile, which decides that",
                               lsb_value_get(value, "default"));
    }
    if (draft->has_profile && draft->profile == LSB_SECCOMP_NONE && value->u.table.pairs->len > 1) {
        g_autofree char *at = lsb_field_join(path, "profile");
        return lsb_fail(error, INVALID,
                        "%s: expected a profile beside other fields, got \"none\"; an own list has "
                        "default = \"allow\"",
                        at);
    }
    return check_lists(path, draft->lists, error);
}

static LsbSeccomp *seccomp_of(SeccompDraft *draft)
{
    LsbSeccomp *s = lsb_seccomp_new(draft->has_fallback  ? LSB_SECCOMP_OWN
                                    : draft->has_profile ? (LsbSeccompProfile)draft->profile
                                                         : LSB_SECCOMP_DEFAULT);
    s->fallback = (LsbSeccompAction)draft->fallback;
    if (draft->errnum)
        s->errnum = draft->errnum;
    s->allow = g_steal_pointer(&draft->lists[LIST_ALLOW]);
    s->deny = g_steal_pointer(&draft->lists[LIST_DENY]);
    s->kill = g_steal_pointer(&draft->lists[LIST_KILL]);
    return s;
}

static LsbSeccomp *parse_table(const LsbValue *value, const char *path, GError **error)
{
    SeccompDraft draft = {0};
    LsbSeccomp *s = NULL;
    if (lsb_fields_read(value, path, seccomp_fields, &draft, error) &&
        check_draft(&draft, value, path, error))
        s = seccomp_of(&draft);
    for (gsize i = 0; i < LISTS; i++)
        g_strfreev(draft.lists[i]);
    return s;
}

gboolean lsb_seccomp_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    static const char what[] =
        "one of \"none\", \"default\", \"no-network\", \"strict\", false, or a table of lists";
    LsbSeccomp *s = NULL;
    int profile = LSB_SECCOMP_NONE;
    (void)arg;
    if (lsb_value_is_named(value))
        s = parse_table(value, path, error);
    else if (value->kind == LSB_VALUE_STRING) {
        const char *text = lsb_value_text(value, path, what, error);
        while (text && lsb_seccomp_profiles[profile] &&
               strcmp(lsb_seccomp_profiles[profile], text) != 0)
            profile++;
        if (text && lsb_seccomp_profiles[profile])
            s = lsb_seccomp_new((LsbSeccompProfile)profile);
        else if (text)
            lsb_field_error(error, path, what, value);
    } else if (value->kind == LSB_VALUE_BOOLEAN && !value->u.boolean)
        s = lsb_seccomp_new(LSB_SECCOMP_NONE);
    else
        lsb_field_error(error, path, what, value);
    if (!s)
        return FALSE;
    lsb_seccomp_unref(*(LsbSeccomp **)out);
    *(LsbSeccomp **)out = s;
    return TRUE;
}
