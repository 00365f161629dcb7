/* The fields user, group and groups, and the checks of ids against a user namespace. */
#include "recipe/identity/identityfields.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/idmap.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum { MOST_GROUPS = 65536 /* NGROUPS_MAX of linux/limits.h */ };

void lsb_who_clear(LsbWho *who)
{
    g_free(who->user);
    g_free(who->group);
    g_strfreev(who->groups);
    memset(who, 0, sizeof *who);
}

/* --- the fields --- */

/*
 * A name, or a number as text; NULL with an error. The id -1 would mean "unchanged" to the kernel.
 */
static char *name_or_number(const LsbValue *value, const char *path, const char *what,
                            GError **error)
{
    gint64 number;
    if (lsb_value_whole(value, &number)) {
        if (number >= 0 && number < G_MAXUINT32)
            return g_strdup_printf("%u", (guint)number);
        lsb_field_error(error, path, what, value);
        return NULL;
    }
    const char *text = lsb_value_text(value, path, what, error);
    if (text && !*text)
        lsb_field_error(error, path, what, value);
    return text && *text ? g_strdup(text) : NULL;
}

/* Put TEXT into *OUT, which takes it over. FALSE: TEXT is NULL. */
static gboolean take_text(char **out, char *text)
{
    if (!text)
        return FALSE;
    g_free(*out);
    *out = text;
    return TRUE;
}

gboolean lsb_identity_parse_user(const LsbValue *value, const char *path, gpointer out,
                                 gconstpointer arg, GError **error)
{
    (void)arg;
    return take_text(
        out, name_or_number(value, path, "a user name or a number from 0 to 4294967294", error));
}

static const char group_words[] = "a group name or a number from 0 to 4294967294";

gboolean lsb_identity_parse_group(const LsbValue *value, const char *path, gpointer out,
                                  gconstpointer arg, GError **error)
{
    (void)arg;
    return take_text(out, name_or_number(value, path, group_words, error));
}

gboolean lsb_identity_parse_groups(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of group names or numbers", value);
    GPtrArray *items = value->u.table.items;
    if (!lsb_field_at_most(path, MOST_GROUPS, "groups", items->len, error))
        return FALSE;
    g_auto(GStrv) list = g_new0(char *, items->len + 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        list[i] = name_or_number(items->pdata[i], at, group_words, error);
        if (!list[i])
            return FALSE;
        if (!g_hash_table_add(seen, list[i]))
            return lsb_fail(error, INVALID, "%s: expected each group once, got \"%s\" again", at,
                            list[i]);
    }
    g_strfreev(*(char ***)out);
    *(char ***)out = g_steal_pointer(&list);
    return TRUE;
}

static gboolean find_group(const char *root, const char *field, const char *name, gid_t *gid,
                           GError **error)
{
    if (lsb_identity_group(root, name, gid))
        return TRUE;
    g_autofree char *shown = lsb_text_show(name);
    return lsb_fail(error, INVALID,
                    root ? "%s: expected a group of the root file system, got %s"
                         : "%s: expected a number with a root image, whose groups cannot be looked "
                           "up from outside, got %s",
                    field, shown);
}

static gboolean set_groups(LsbIdentity *id, const char *root, char **groups, GError **error)
{
    g_array_set_size(id->groups, 0);
    for (guint i = 0; groups[i]; i++) {
        g_autofree char *field = g_strdup_printf("groups[%u]", i + 1);
        gid_t gid;
        if (!find_group(root, field, groups[i], &gid, error))
            return FALSE;
        g_array_append_val(id->groups, gid);
    }
    return TRUE;
}

static LsbIdentity *identity_of_user(const char *root, const char *user, GError **error)
{
    LsbIdentity *id = lsb_identity_new(root, user);
    if (id)
        return id;
    g_autofree char *shown = lsb_text_show(user);
    lsb_fail(error, INVALID,
             root ? "user: expected a user of the root file system, got %s"
                  : "user: expected a number or \"root\" with a root image, whose users cannot be "
                    "looked up from outside, got %s",
             shown);
    return NULL;
}

LsbIdentity *lsb_identity_of(const char *root, const LsbWho *who, const LsbIdentity *base,
                             GError **error)
{
    LsbIdentity *id =
        base && !who->user ? lsb_identity_copy(base) : identity_of_user(root, who->user, error);
    if (id && ((who->group && !find_group(root, "group", who->group, &id->gid, error)) ||
               (who->groups && !set_groups(id, root, who->groups, error))))
        g_clear_pointer(&id, lsb_identity_free);
    return id;
}

/* --- user namespaces --- */

/*
 * A machine's users are its own kernel's, so that only the default and "user" suit it: QEMU runs on
 * the host as the program's user in any case.
 */
gboolean lsb_userns_check(const LsbDescription *d, GError **error)
{
    const LsbUserns *userns = &d->security.userns;
    gboolean open = userns->mode == LSB_USERNS_NONE || userns->mode == LSB_USERNS_OWN;
    if (d->kind == LSB_MACHINE && open)
        return lsb_fail(error, INVALID,
                        "security.userns: expected nothing for a machine, whose users are its own "
                        "kernel's, got %s",
                        userns->mode == LSB_USERNS_NONE ? "false" : "a table");
    if (d->kind == LSB_MACHINE)
        return TRUE;
    if (userns->said && userns->mode != LSB_USERNS_NONE && geteuid() != 0)
        return lsb_fail(error, INVALID,
                        "security.userns: expected false, for only root can map ids of the host "
                        "into a container");
    if (userns->mode == LSB_USERNS_USER && (d->identity->uid == 0 || d->identity->gid == 0))
        return lsb_fail(error, INVALID,
                        "security.userns: expected a user and a group other than root, who would "
                        "be the host's root on the host");
    return TRUE;
}

static gboolean check_id(const LsbIdMap *map, const char *field, guint32 id, GError **error)
{
    return lsb_idmap_has(map, id) ||
           lsb_fail(error, INVALID,
                    "%s: expected an id that the container's user namespace has (see "
                    "security.userns), got %u",
                    field, id);
}

void lsb_identity_maps(const LsbDescription *d, LsbIdMap *uids, LsbIdMap *gids)
{
    uids->n = gids->n = 0;
    if (d->kind == LSB_CONTAINER && geteuid() == 0)
        lsb_userns_maps(&d->security.userns, LSB_USUAL_IDS, d->identity->uid, d->identity->gid,
                        uids, gids);
}

gboolean lsb_identity_check_ids(const LsbIdentity *id, const LsbIdMap *uids, const LsbIdMap *gids,
                                GError **error)
{
    if (!check_id(uids, "user", id->uid, error) || !check_id(gids, "group", id->gid, error))
        return FALSE;
    for (guint i = 0; i < id->groups->len; i++)
        if (!check_id(gids, "groups", g_array_index(id->groups, gid_t, i), error))
            return FALSE;
    return TRUE;
}

gboolean lsb_identity_check(const LsbDescription *d, const LsbIdentity *id, GError **error)
{
    LsbIdMap uids, gids;
    lsb_identity_maps(d, &uids, &gids);
    return lsb_identity_check_ids(id, &uids, &gids, error);
}
