#include "recipe/mountfields.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/subpath.h"
#include "recipe/description.h"
#include "recipe/image.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    /* libvirt passes at most 32 descriptors with a call: the relay, the init, the root, the home
     * and what is included take 5. */
    MAX_EXPORTS = 27,
    MAX_MOUNTS = 256,
    MODE_NOT_SET = -1,
};

static const char *const mount_words[] = {"bind", "ram", "guest-bind", "overlay", "image", NULL};

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

/* An empty source is none: a bind is a temporary one then. */
static gboolean parse_source(const LsbValue *value, const char *path, gpointer out,
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
    {"source", parse_source, offsetof(LsbMount, source), NULL},
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
    int types;
} some_fields[] = {
    {"source", BIND | GUEST_BIND | OVERLAY | IMAGE},
    {"upper", OVERLAY},
    {"size", RAM | OVERLAY},
    {"inodes", RAM},
    {"mode", RAM},
    {"format", IMAGE},
    {"filesystem", IMAGE},
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
    /* What the guest init itself puts there, and needs to stay as it is. */
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
    struct stat st;
    if (stat(m->source, &st) < 0) {
        int saved = errno;
        return lsb_fail(error, INVALID,
                        "%s.source: expected a file or directory of the host, got \"%s\": %s", path,
                        m->source, g_strerror(saved));
    }
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
        return lsb_fail(
            error, INVALID,
            "%s.source: expected a regular file or a directory, got \"%s\", which is neither", path,
            m->source);
    m->is_file = S_ISREG(st.st_mode);
    return TRUE;
}

static gboolean check_image(LsbMount *m, const char *path, GError **error)
{
    g_autofree char *field = g_strconcat(path, ".source", NULL);
    m->image.source = g_strdup(m->source);
    m->image.readonly = m->readonly;
    return lsb_image_check(&m->image, path, field, TRUE, error);
}

static gboolean check_directory(const char *path, const char *field, const char *directory,
                                GError **error)
{
    return g_file_test(directory, G_FILE_TEST_IS_DIR) ||
           lsb_fail(error, INVALID, "%s.%s: expected a directory of the host, got \"%s\"", path,
                    field, directory);
}

/* overlayfs takes no upper directory that is in the lower one, or the other way round. */
static gboolean check_overlay(const LsbMount *m, const char *path, GError **error)
{
    if (!check_directory(path, "source", m->source, error) ||
        (m->upper && !check_directory(path, "upper", m->upper, error)))
        return FALSE;
    return !m->upper ||
           (!lsb_path_is_inside(m->upper, m->source) && !lsb_path_is_inside(m->source, m->upper)) ||
           lsb_fail(error, INVALID,
                    "%s.upper: expected a directory apart from the source \"%s\", got \"%s\"", path,
                    m->source, m->upper);
}

static gboolean check_source(LsbMount *m, const char *path, GError **error)
{
    if (m->type == LSB_MOUNT_RAM || m->temporary)
        return TRUE;
    if (!m->source)
        return lsb_fail(error, INVALID, "%s.source: expected absolute path, got nothing", path);
    if (m->type == LSB_MOUNT_BIND)
        return check_bind_source(m, path, error);
    if (m->type == LSB_MOUNT_IMAGE)
        return check_image(m, path, error);
    return m->type != LSB_MOUNT_OVERLAY || check_overlay(m, path, error);
}

/* --- one mount --- */

static gboolean check_mount(LsbMount *m, const LsbValue *table, const char *path, GError **error)
{
    if (!lsb_value_get(table, "type")) {
        g_autofree char *words = g_strjoinv("\", \"", (char **)mount_words);
        return lsb_fail(error, INVALID, "%s.type: expected one of \"%s\", got nothing", path,
                        words);
    }
    m->temporary = m->type == LSB_MOUNT_BIND && !m->source;
    /*
     * Closed by default: what the sandbox may write to on the host is said with readonly = false.
     */
    if (!lsb_value_get(table, "readonly"))
        m->readonly = (m->type == LSB_MOUNT_BIND && !m->temporary) ||
                      m->type == LSB_MOUNT_GUEST_BIND || m->type == LSB_MOUNT_IMAGE;
    return lsb_mount_check_target(path, m->target, error) && check_fields(m, table, path, error) &&
           check_source(m, path, error);
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
        !check_mount(m, value, path, error)) {
        lsb_mount_free(m);
        return NULL;
    }
    return m;
}

/* --- all of them --- */

static gboolean duplicate_target(GPtrArray *mounts, const LsbMount *m)
{
    for (guint i = 0; i < mounts->len; i++)
        if (strcmp(((LsbMount *)mounts->pdata[i])->target, m->target) == 0)
            return TRUE;
    return FALSE;
}

/* How many descriptors a container gets for it. */
static guint exports_of(const LsbMount *m)
{
    if (m->type == LSB_MOUNT_OVERLAY)
        return m->upper ? 2 : 1;
    return m->type == LSB_MOUNT_BIND || m->type == LSB_MOUNT_IMAGE ? 1 : 0;
}

/* The mount that TARGET lies on: of those above it the nearest. NULL: the root. */
static const LsbMount *mount_above(GPtrArray *mounts, const char *target, guint *index)
{
    const LsbMount *nearest = NULL;
    for (guint i = 0; i < mounts->len; i++) {
        const LsbMount *m = mounts->pdata[i];
        if (lsb_path_is_below(target, m->target) &&
            (!nearest || strlen(m->target) > strlen(nearest->target))) {
            nearest = m;
            *index = i;
        }
    }
    return nearest;
}

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

/* In a bind no mount point can be made: it would be left in the host's directory. */
static gboolean check_mount_point(const LsbMount *m, const LsbMount *above, const char *path,
                                  GError **error)
{
    if (above->type != LSB_MOUNT_BIND || above->temporary)
        return TRUE;
    g_autofree char *point =
        g_build_filename(above->source, m->target + strlen(above->target), NULL);
    struct stat st;
    if (lstat(point, &st) == 0 && !S_ISREG(st.st_mode) == !m->is_file)
        return TRUE;
    if (has_link(point, above->source)) /* inside it may lead to another place */
        return TRUE;
    return lsb_fail(error, INVALID,
                    "%s.target: expected a place that is there in the bind mount of \"%s\", as "
                    "none is made on the host, got \"%s\": make the %s \"%s\" first",
                    path, above->source, m->target, m->is_file ? "file" : "directory", point);
}

static gboolean check_nesting(GPtrArray *mounts, const char *path, GError **error)
{
    for (guint i = 0; i < mounts->len; i++) {
        guint at = 0;
        const LsbMount *m = mounts->pdata[i], *above = mount_above(mounts, m->target, &at);
        g_autofree char *here = g_strdup_printf("%s[%u]", path, i + 1);
        if (above && above->is_file)
            return lsb_fail(error, INVALID,
                            "%s.target: expected a path that is not below %s[%u], which is a file, "
                            "got \"%s\"",
                            here, path, at + 1, m->target);
        if (above && !check_mount_point(m, above, here, error))
            return FALSE;
    }
    return TRUE;
}

/* --- their order --- */

/*
 * Whether A has to be there before B: it is what B lies on, or is to be seen in B, which shows a
 * part of the sandbox a second time.
 */
static gboolean goes_before(const LsbMount *a, const LsbMount *b)
{
    if (lsb_path_is_below(b->target, a->target))
        return TRUE;
    return b->type == LSB_MOUNT_GUEST_BIND && !lsb_path_is_inside(a->target, b->target) &&
           (lsb_path_is_inside(b->source, a->target) || lsb_path_is_inside(a->target, b->source));
}

/* The first that waits for no other, or the first at all: then those left go in a circle. */
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

/* The result does not depend on the order in which the recipe names them. */
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
        gboolean twice = duplicate_target(mounts, m);
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
