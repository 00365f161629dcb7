/* The field mounts of a recipe: reading, checking and ordering mounts. */
#include "recipe/mountfields.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/subpath.h"
#include "recipe/description.h"
#include "recipe/hostsource.h"
#include "recipe/image.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    /* libvirt passes at most 32 descriptors with a call. The relay, the guest init, the root, the
     * home and the copies of include take 5. */
    MAX_EXPORTS = 27,
    MAX_MOUNTS = 256,
    MODE_NOT_SET = -1,
};

static const char *const mount_words[] = {"bind", "ram", "guest-bind", "overlay", "image", NULL};

/* The types as bits. */
enum {
    BIND = 1 << LSB_MOUNT_BIND,
    RAM = 1 << LSB_MOUNT_RAM,
    GUEST_BIND = 1 << LSB_MOUNT_GUEST_BIND,
    OVERLAY = 1 << LSB_MOUNT_OVERLAY,
    IMAGE = 1 << LSB_MOUNT_IMAGE,
};

void lsb_mount_free(gpointer data)
{
    LsbMount *m = data;
    g_free(m->source);
    g_free(m->target);
    lsb_image_clear(&m->image);
    g_free(m->upper);
    g_free(m);
}

/* --- the fields --- */

/* An empty source counts as none, so that a bind becomes a temporary one. */
static gboolean parse_mount_source(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error)
{
    if (value->kind == LSB_VALUE_STRING && g_bytes_get_size(value->u.string) == 0)
        return TRUE;
    return lsb_field_path(value, path, out, arg, error);
}

static gboolean parse_inodes(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    (void)arg;
    gint64 number;
    if (!lsb_value_whole(value, &number) || number < 1)
        return lsb_field_error(error, path, "a number of files from 1", value);
    *(guint64 *)out = (guint64)number;
    return TRUE;
}

static const LsbField mount_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbMount, type), mount_words},
    {"source", parse_mount_source, offsetof(LsbMount, source), NULL},
    {"target", lsb_field_path, offsetof(LsbMount, target), NULL},
    {"upper", lsb_field_path, offsetof(LsbMount, upper), NULL},
    {"readonly", lsb_field_boolean, offsetof(LsbMount, readonly), NULL},
    {"nosuid", lsb_field_boolean, offsetof(LsbMount, nosuid), NULL},
    {"nodev", lsb_field_boolean, offsetof(LsbMount, nodev), NULL},
    {"noexec", lsb_field_boolean, offsetof(LsbMount, noexec), NULL},
    {"size", lsb_field_size, offsetof(LsbMount, size), NULL},
    {"format", lsb_field_enum, offsetof(LsbMount, image.format), lsb_image_formats},
    {"filesystem", lsb_field_enum, offsetof(LsbMount, image.filesystem), lsb_filesystem_words},
    {"inodes", parse_inodes, offsetof(LsbMount, inodes), NULL},
    {"mode", lsb_field_mode, offsetof(LsbMount, mode), NULL},
    {NULL, NULL, 0, NULL},
};

/* The fields that only some types have. */
static const struct {
    const char *name;
    int types; /* bits */
} some_fields[] = {
    {.name = "source", .types = BIND | GUEST_BIND | OVERLAY | IMAGE},
    {.name = "upper", .types = OVERLAY},
    {.name = "size", .types = RAM | OVERLAY},
    {.name = "inodes", .types = RAM},
    {.name = "mode", .types = RAM},
    {.name = "format", .types = IMAGE},
    {.name = "filesystem", .types = IMAGE},
};

static gboolean check_fields(const LsbMount *m, const LsbValue *table, const char *path,
                             GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(some_fields); i++) {
        const LsbValue *value = lsb_value_get(table, some_fields[i].name);
        if (!value || some_fields[i].types & 1 << m->type)
            continue;
        g_autofree char *at = lsb_field_join(path, some_fields[i].name);
        g_autofree char *what =
            g_strdup_printf("nothing for a mount of type \"%s\"", mount_words[m->type]);
        return lsb_field_error(error, at, what, value);
    }
    if (m->upper && m->size)
        return lsb_fail(error, INVALID,
                        "%s.size: expected nothing beside upper, which is as large as its file "
                        "system, got %" G_GUINT64_FORMAT " bytes",
                        path, m->size);
    return TRUE;
}

/* --- targets --- */

gboolean lsb_mount_check_target(const char *path, const char *target, GError **error)
{
    /* Places that the guest init fills itself, and that must stay as it leaves them. */
    static const char *const whole[] = {"/proc", "/sys", "/dev/pts", "/dev/.lsandbox",
                                        "/dev/.lsandbox-init"};
    if (!target)
        return lsb_fail(error, INVALID, "%s.target: expected absolute path, got nothing", path);
    if (strcmp(target, "/") == 0)
        return lsb_fail(error, INVALID,
                        "%s.target: expected a path below the root, got \"/\"; the root itself is "
                        "set with root",
                        path);
    const char *kept = strcmp(target, "/dev") == 0 ? "/dev" : NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++)
        kept = lsb_path_is_inside(target, whole[i]) ? whole[i] : kept;
    if (!kept)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "%s.target: expected a path outside of \"%s\", which is the sandbox's own, got "
                    "\"%s\"",
                    path, kept, target);
}

/* --- sources --- */

static gboolean check_bind_source(LsbMount *m, const char *path, GError **error)
{
    g_autofree char *field = g_strconcat(path, ".source", NULL);
    gboolean is_directory = FALSE;
    if (!lsb_host_file_or_directory(field, &m->source, &is_directory, error))
        return FALSE;
    m->is_file = !is_directory;
    return TRUE;
}

static gboolean check_mount_image(LsbMount *m, const char *path, GError **error)
{
    g_autofree char *field = g_strconcat(path, ".source", NULL);
    m->image.source = g_strdup(m->source);
    m->image.readonly = m->readonly;
    return lsb_image_check(&m->image, path, field, TRUE, error);
}

/* overlayfs refuses an upper directory that lies in the lower one, or the other way round. */
static gboolean check_overlay(LsbMount *m, const char *path, GError **error)
{
    g_autofree char *source = g_strconcat(path, ".source", NULL);
    g_autofree char *upper = g_strconcat(path, ".upper", NULL);
    if (!lsb_host_directory(source, &m->source, error) ||
        (m->upper && !lsb_host_directory(upper, &m->upper, error)))
        return FALSE;
    return !m->upper ||
           (!lsb_path_is_inside(m->upper, m->source) && !lsb_path_is_inside(m->source, m->upper)) ||
           lsb_fail(error, INVALID,
                    "%s: expected a directory apart from the source \"%s\", got \"%s\"", upper,
                    m->source, m->upper);
}

static gboolean check_mount_source(LsbMount *m, const char *path, GError **error)
{
    if (m->type == LSB_MOUNT_RAM || m->temporary)
        return TRUE;
    if (!m->source)
        return lsb_fail(error, INVALID, "%s.source: expected absolute path, got nothing", path);
    if (m->type == LSB_MOUNT_BIND)
        return check_bind_source(m, path, error);
    if (m->type == LSB_MOUNT_IMAGE)
        return check_mount_image(m, path, error);
    return m->type != LSB_MOUNT_OVERLAY || check_overlay(m, path, error);
}

/* --- one mount --- */

static gboolean check_mount_table(LsbMount *m, const LsbValue *table, const char *path,
                                  GError **error)
{
    if (!lsb_value_get(table, "type")) {
        g_autofree char *words = g_strjoinv("\", \"", (char **)mount_words);
        return lsb_fail(error, INVALID, "%s.type: expected one of \"%s\", got nothing", path,
                        words);
    }
    m->temporary = m->type == LSB_MOUNT_BIND && !m->source;
    /* Read-only by default, so that only readonly = false lets a sandbox write to the host. */
    if (!lsb_value_get(table, "readonly"))
        m->readonly = (m->type == LSB_MOUNT_BIND && !m->temporary) ||
                      m->type == LSB_MOUNT_GUEST_BIND || m->type == LSB_MOUNT_IMAGE;
    return lsb_mount_check_target(path, m->target, error) && check_fields(m, table, path, error) &&
           check_mount_source(m, path, error);
}

static LsbMount *read_mount(const LsbValue *value, const char *path, GError **error)
{
    if (!lsb_value_is_named(value)) {
        lsb_field_error(error, path, "a table that describes a mount", value);
        return NULL;
    }
    LsbMount *m = g_new0(LsbMount, 1);
    m->nosuid = m->nodev = TRUE;
    m->image.format = m->image.filesystem = LSB_IMAGE_GUESS;
    m->mode = MODE_NOT_SET;
    if (!lsb_fields_read(value, path, mount_fields, m, error) ||
        !check_mount_table(m, value, path, error)) {
        lsb_mount_free(m);
        return NULL;
    }
    return m;
}

/* --- all of them --- */

static gboolean has_mount_at(GPtrArray *mounts, const char *target)
{
    for (guint i = 0; i < mounts->len; i++)
        if (strcmp(((LsbMount *)mounts->pdata[i])->target, target) == 0)
            return TRUE;
    return FALSE;
}

/* How many descriptors a container is passed for M. */
static guint exports_of(const LsbMount *m)
{
    if (m->type == LSB_MOUNT_OVERLAY)
        return m->upper ? 2 : 1;
    return m->type == LSB_MOUNT_BIND || m->type == LSB_MOUNT_IMAGE ? 1 : 0;
}

const LsbMount *lsb_mount_above(GPtrArray *mounts, const char *target)
{
    const LsbMount *nearest = NULL;
    for (guint i = 0; i < mounts->len; i++) {
        const LsbMount *m = mounts->pdata[i];
        if (lsb_path_is_below(target, m->target) &&
            (!nearest || strlen(m->target) > strlen(nearest->target)))
            nearest = m;
    }
    return nearest;
}

/* Whether PATH, or a directory between TREE and PATH, is a symlink. */
static gboolean has_link(const char *path, const char *tree)
{
    g_autofree char *at = g_strdup(path);
    while (strlen(at) > strlen(tree)) {
        if (g_file_test(at, G_FILE_TEST_IS_SYMLINK))
            return TRUE;
        *strrchr(at, '/') = 0;
    }
    return FALSE;
}

/* The host's path of TARGET, which lies on the bind ABOVE. Caller frees. */
static char *point_on_host(const LsbMount *above, const char *target)
{
    return g_build_filename(above->source, target + strlen(above->target), NULL);
}

gboolean lsb_mount_has_point(const LsbMount *above, const char *target, gboolean is_file)
{
    struct stat st;
    g_autofree char *point = point_on_host(above, target);
    if (lstat(point, &st) == 0 && !S_ISREG(st.st_mode) == !is_file)
        return TRUE;
    return has_link(point, above->source); /* the guest init resolves it inside, to another place */
}

/* A mount point in a bind must exist, because a new one would be left in the host's directory. */
static gboolean check_mount_point(const LsbMount *m, const LsbMount *above, const char *path,
                                  GError **error)
{
    if (above->type != LSB_MOUNT_BIND || above->temporary ||
        lsb_mount_has_point(above, m->target, m->is_file))
        return TRUE;
    g_autofree char *point = point_on_host(above, m->target);
    return lsb_fail(error, INVALID,
                    "%s.target: expected a path that exists in the bind mount of \"%s\", because "
                    "no mount point is made on the host, got \"%s\": make the %s \"%s\" first",
                    path, above->source, m->target, m->is_file ? "file" : "directory", point);
}

static gboolean check_nesting(GPtrArray *mounts, const char *path, GError **error)
{
    for (guint i = 0; i < mounts->len; i++) {
        const LsbMount *m = mounts->pdata[i], *above = lsb_mount_above(mounts, m->target);
        g_autofree char *here = g_strdup_printf("%s[%u]", path, i + 1);
        if (above && above->is_file)
            return lsb_fail(error, INVALID,
                            "%s.target: expected a path that is not below %s[%u], which is a file, "
                            "got \"%s\"",
                            here, path, above->number, m->target);
        if (above && !check_mount_point(m, above, here, error))
            return FALSE;
    }
    return TRUE;
}

/* --- their order --- */

/*
 * Whether A must be mounted before B: because B lies on A, or because B is a guest-bind, which
 * shows a part of the sandbox a second time, and A belongs to that part.
 */
static gboolean goes_before(const LsbMount *a, const LsbMount *b)
{
    if (lsb_path_is_below(b->target, a->target))
        return TRUE;
    return b->type == LSB_MOUNT_GUEST_BIND && !lsb_path_is_inside(a->target, b->target) &&
           (lsb_path_is_inside(b->source, a->target) || lsb_path_is_inside(a->target, b->source));
}

/* The first mount in LEFT that waits for no other. *CIRCLE: every one waits for another. */
static guint next_in_order(GPtrArray *left, gboolean *circle)
{
    for (guint i = 0; i < left->len; i++) {
        gboolean waits = FALSE;
        for (guint j = 0; j < left->len && !waits; j++)
            waits = j != i && goes_before(left->pdata[j], left->pdata[i]);
        if (!waits)
            return i;
    }
    *circle = TRUE;
    return 0;
}

/* Sort MOUNTS so that each comes after those it needs, whatever the recipe's order is. */
static gboolean put_in_order(GPtrArray *mounts, const char *path, GError **error)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new(), ordered = g_ptr_array_new();
    gboolean circle = FALSE;
    for (guint i = 0; i < mounts->len; i++)
        g_ptr_array_add(left, mounts->pdata[i]);
    while (left->len > 0) {
        const LsbMount *m = g_ptr_array_steal_index(left, next_in_order(left, &circle));
        if (circle)
            return lsb_fail(error, INVALID,
                            "%s: expected guest-bind mounts that do not show each other in a "
                            "circle, got \"%s\" at \"%s\"",
                            path, m->source ? m->source : "", m->target);
        g_ptr_array_add(ordered, (gpointer)m);
    }
    for (guint i = 0; i < mounts->len; i++)
        mounts->pdata[i] = ordered->pdata[i];
    return TRUE;
}

gboolean lsb_mounts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of mounts", value);
    GPtrArray *items = value->u.table.items, *mounts = *(GPtrArray **)out;
    guint exports = 0;
    if (!lsb_field_at_most(path, MAX_MOUNTS, "mounts", items->len, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        LsbMount *m = read_mount(items->pdata[i], at, error);
        if (!m)
            return FALSE;
        gboolean twice = has_mount_at(mounts, m->target);
        m->number = i + 1;
        g_ptr_array_add(mounts, m);
        if (twice)
            return lsb_fail(
                error, INVALID,
                "%s.target: expected a target of its own, got \"%s\", which an earlier mount has",
                at, m->target);
        exports += exports_of(m);
        if (exports > MAX_EXPORTS)
            return lsb_fail(
                error, INVALID,
                "%s: expected at most %d directories, files and images of the host, got more", path,
                MAX_EXPORTS);
    }
    return check_nesting(mounts, path, error) && put_in_order(mounts, path, error);
}
