/* The user namespace of a container: the field security.userns, and the maps of ids. */
#include "recipe/identity/idmap.h"

#include <string.h>

#include "base/error.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* --- the field --- */

/* An id or a number of ids from LEAST up; (uid_t)-1 is not an id. */
static gboolean parse_id(const LsbValue *value, const char *path, guint32 least, guint32 *out,
                         GError **error)
{
    gint64 number;
    if (lsb_value_whole(value, &number) && number >= least && number < G_MAXUINT32) {
        *out = (guint32)number;
        return TRUE;
    }
    g_autofree char *what =
        g_strdup_printf("an integer from %u to %u", (guint)least, G_MAXUINT32 - 1);
    return lsb_field_error(error, path, what, value);
}

/* A host id is at least 1, because a container must never own the files of the host's root. */
static gboolean parse_range(const LsbValue *value, const char *path, LsbIdRange *range,
                            GError **error)
{
    static const char what[] = "a list of three integers: the first id inside, the first on the "
                               "host, and how many";
    if (!lsb_value_is_list(value) || value->u.table.items->len != 3)
        return lsb_field_error(error, path, what, value);
    guint32 *numbers[] = {&range->inside, &range->outside, &range->count};
    for (guint i = 0; i < 3; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!parse_id(value->u.table.items->pdata[i], at, i > 0, numbers[i], error))
            return FALSE;
    }
    guint64 most = G_MAXUINT32 - MAX(range->inside, range->outside);
    if (range->count > most)
        return lsb_fail(error, INVALID,
                        "%s[3]: expected at most %" G_GUINT64_FORMAT " ids from there, got %u",
                        path, most, range->count);
    return TRUE;
}

static gboolean overlap(guint32 a, guint32 a_count, guint32 b, guint32 b_count)
{
    return a < (guint64)b + b_count && b < (guint64)a + a_count;
}

static gboolean check_overlap(const LsbIdMap *map, guint at, const char *path, GError **error)
{
    const LsbIdRange *a = &map->ranges[at];
    for (guint i = 0; i < at; i++) {
        const LsbIdRange *b = &map->ranges[i];
        gboolean inside = overlap(a->inside, a->count, b->inside, b->count);
        if (inside || overlap(a->outside, a->count, b->outside, b->count))
            return lsb_fail(error, INVALID,
                            "%s[%u]: expected each id %s once, got some of element %u again", path,
                            at + 1, inside ? "inside" : "of the host", i + 1);
    }
    return TRUE;
}

static int by_inside(const void *a, const void *b)
{
    guint32 x = ((const LsbIdRange *)a)->inside, y = ((const LsbIdRange *)b)->inside;
    return x < y ? -1 : x > y;
}

static gboolean parse_map(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    LsbIdMap *map = out;
    (void)arg;
    if (!lsb_value_is_list(value) || value->u.table.items->len == 0 ||
        value->u.table.items->len > LSB_MOST_RANGES)
        return lsb_field_error(error, path, "a list of 1 to 32 ranges of ids", value);
    map->n = value->u.table.items->len;
    for (guint i = 0; i < map->n; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!parse_range(value->u.table.items->pdata[i], at, &map->ranges[i], error) ||
            !check_overlap(map, i, path, error))
            return FALSE;
    }
    qsort(map->ranges, map->n, sizeof map->ranges[0], by_inside);
    return map->ranges[0].inside == 0 ||
           lsb_fail(error, INVALID,
                    "%s: expected a range that begins with 0, root inside, got none", path);
}

static const LsbField map_fields[] = {
    {"uid", parse_map, offsetof(LsbUserns, uids), NULL},
    {"gid", parse_map, offsetof(LsbUserns, gids), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean parse_maps(const LsbValue *value, const char *path, LsbUserns *userns,
                           GError **error)
{
    if (!lsb_fields_read(value, path, map_fields, userns, error))
        return FALSE;
    userns->mode = LSB_USERNS_OWN;
    if (userns->uids.n && userns->gids.n)
        return TRUE;
    return lsb_fail(error, INVALID, "%s.%s: expected a list of 1 to 32 ranges of ids, got nothing",
                    path, userns->uids.n ? "gid" : "uid");
}

gboolean lsb_userns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    static const char what[] = "true, false, \"user\", or a table of uid and gid";
    LsbUserns *userns = out;
    (void)arg;
    userns->said = TRUE;
    if (value->kind == LSB_VALUE_BOOLEAN) {
        userns->mode = value->u.boolean ? LSB_USERNS_MAPPED : LSB_USERNS_NONE;
        return TRUE;
    }
    if (lsb_value_is_named(value))
        return parse_maps(value, path, userns, error);
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (strcmp(text, "user") != 0)
        return lsb_field_error(error, path, what, value);
    userns->mode = LSB_USERNS_USER;
    return TRUE;
}

/* --- maps --- */

static void add_range(LsbIdMap *map, guint32 inside, guint32 outside, guint32 count)
{
    if (count > 0)
        map->ranges[map->n++] = (LsbIdRange){inside, outside, count};
}

/* Map the usual ids to those from BASE on, except ID, which is the host's ID. */
static void map_except(LsbIdMap *map, guint32 base, guint32 id)
{
    map->n = 0;
    guint32 before = MIN(id, LSB_USUAL_IDS);
    add_range(map, 0, base, before);
    add_range(map, id, id, 1);
    if (id < LSB_USUAL_IDS)
        add_range(map, id + 1, base + id + 1, LSB_USUAL_IDS - id - 1);
}

void lsb_userns_maps(const LsbUserns *userns, guint32 base, uid_t uid, gid_t gid, LsbIdMap *uids,
                     LsbIdMap *gids)
{
    uids->n = gids->n = 0;
    if (userns->mode == LSB_USERNS_OWN) {
        *uids = userns->uids;
        *gids = userns->gids;
    } else if (userns->mode == LSB_USERNS_USER) {
        map_except(uids, base, uid);
        map_except(gids, base, gid);
    } else if (userns->mode == LSB_USERNS_MAPPED) {
        add_range(uids, 0, base, LSB_USUAL_IDS);
        add_range(gids, 0, base, LSB_USUAL_IDS);
    }
}

gboolean lsb_idmap_has(const LsbIdMap *map, guint32 id)
{
    for (guint i = 0; i < map->n; i++)
        if (id >= map->ranges[i].inside && id - map->ranges[i].inside < map->ranges[i].count)
            return TRUE;
    return map->n == 0;
}

char *lsb_idmap_text(const LsbIdMap *map)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < map->n; i++)
        g_string_append_printf(text, "%u %u %u\n", map->ranges[i].inside, map->ranges[i].outside,
                               map->ranges[i].count);
    return g_string_free(text, FALSE);
}

guint32 lsb_idmap_outside(const LsbIdMap *map, guint32 inside)
{
    for (guint i = 0; i < map->n; i++)
        if (inside - map->ranges[i].inside < map->ranges[i].count)
            return map->ranges[i].outside + (inside - map->ranges[i].inside);
    return map->n == 0 ? inside : G_MAXUINT32;
}
