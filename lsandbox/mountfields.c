#include "mountfields.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"

/* libvirt passes at most 32 descriptors with a call; the relay, the init and the root take 3. */
enum { MAX_BINDS = 28 }; /* bind mounts and images together */

static const char *const mount_words[] = {"bind", "ram", "guest-bind", "image", NULL};

void lsb_mount_free(gpointer data)
{
    LsbMount *m = data;
    g_free(m->source);
    g_free(m->target);
    lsb_image_clear(&m->image);
    g_free(m);
}

static const LsbField mount_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbMount, type), mount_words},
    {"source", lsb_field_path, offsetof(LsbMount, source), NULL},
    {"target", lsb_field_path, offsetof(LsbMount, target), NULL},
    {"readonly", lsb_field_boolean, offsetof(LsbMount, readonly), NULL},
    {"nosuid", lsb_field_boolean, offsetof(LsbMount, nosuid), NULL},
    {"nodev", lsb_field_boolean, offsetof(LsbMount, nodev), NULL},
    {"noexec", lsb_field_boolean, offsetof(LsbMount, noexec), NULL},
    {"size", lsb_field_size, offsetof(LsbMount, size), NULL},
    {"format", lsb_field_enum, offsetof(LsbMount, image.format), lsb_image_formats},
    {"filesystem", lsb_field_enum, offsetof(LsbMount, image.filesystem), lsb_filesystem_words},
    {NULL, NULL, 0, NULL},
};

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

/* What only some types have; the rest of the fields are everybody's. */
static gboolean check_image_fields(const LsbMount *m, const char *path, GError **error)
{
    static const char text[] = "%s.%s: expected nothing for a mount of type \"%s\", got \"%s\"";
    if (m->type != LSB_MOUNT_IMAGE && m->image.format != LSB_IMAGE_GUESS)
        return lsb_fail(error, INVALID, text, path, "format", mount_words[m->type],
                        lsb_image_formats[m->image.format]);
    if (m->type != LSB_MOUNT_IMAGE && m->image.filesystem != LSB_IMAGE_GUESS)
        return lsb_fail(error, INVALID, text, path, "filesystem", mount_words[m->type],
                        lsb_filesystem_words[m->image.filesystem]);
    return TRUE;
}

static gboolean check_image(LsbMount *m, const char *path, GError **error)
{
    g_autofree char *field = g_strconcat(path, ".source", NULL);
    m->image.source = g_strdup(m->source);
    m->image.readonly = m->readonly;
    return lsb_image_check(&m->image, path, field, TRUE, error);
}

static gboolean check_source(LsbMount *m, const char *path, GError **error)
{
    if (m->type == LSB_MOUNT_BIND)
        return check_bind_source(m, path, error);
    return m->type != LSB_MOUNT_IMAGE || check_image(m, path, error);
}

static gboolean check_mount(LsbMount *m, const LsbValue *table, const char *path, GError **error)
{
    if (!lsb_value_get(table, "type"))
        return lsb_fail(error, INVALID,
                        "%s.type: expected one of \"bind\", \"ram\", \"guest-bind\", \"image\", "
                        "got nothing",
                        path);
    if (!m->target)
        return lsb_fail(error, INVALID, "%s.target: expected absolute path, got nothing", path);
    if (strcmp(m->target, "/") == 0)
        return lsb_fail(error, INVALID,
                        "%s.target: expected a path below the root, got \"/\"; the root itself is "
                        "set with root",
                        path);
    if (m->type == LSB_MOUNT_RAM && m->source)
        return lsb_fail(error, INVALID, "%s.source: expected nothing for a ram mount, got \"%s\"",
                        path, m->source);
    if (m->type != LSB_MOUNT_RAM && m->size)
        return lsb_fail(
            error, INVALID,
            "%s.size: expected nothing for a mount of type \"%s\", got %" G_GUINT64_FORMAT " bytes",
            path, mount_words[m->type], m->size);
    if (m->type != LSB_MOUNT_RAM && !m->source)
        return lsb_fail(error, INVALID, "%s.source: expected absolute path, got nothing", path);
    if (m->type == LSB_MOUNT_RAM && !lsb_value_get(table, "readonly"))
        m->readonly = FALSE;
    return check_image_fields(m, path, error) && check_source(m, path, error);
}

static LsbMount *read_mount(const LsbValue *value, const char *path, GError **error)
{
    if (value->kind != LSB_VALUE_TABLE || value->u.table.items->len > 0) {
        lsb_field_error(error, path, "a table that describes a mount", value);
        return NULL;
    }
    /* Closed by default: what the sandbox may write to is said with readonly = false. */
    LsbMount *m = g_new0(LsbMount, 1);
    m->readonly = TRUE;
    m->nosuid = m->nodev = TRUE;
    m->image.format = m->image.filesystem = LSB_IMAGE_GUESS;
    if (!lsb_fields_read(value, path, mount_fields, m, error) ||
        !check_mount(m, value, path, error)) {
        lsb_mount_free(m);
        return NULL;
    }
    return m;
}

static gboolean duplicate_target(GPtrArray *mounts, const LsbMount *m)
{
    for (guint i = 0; i < mounts->len; i++)
        if (strcmp(((LsbMount *)mounts->pdata[i])->target, m->target) == 0)
            return TRUE;
    return FALSE;
}

gboolean lsb_mounts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    if (value->kind != LSB_VALUE_TABLE || value->u.table.pairs->len > 0)
        return lsb_field_error(error, path, "a list of mounts", value);
    GPtrArray *items = value->u.table.items, *mounts = *(GPtrArray **)out;
    guint binds = 0;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        LsbMount *m = read_mount(items->pdata[i], at, error);
        if (!m)
            return FALSE;
        gboolean twice = duplicate_target(mounts, m);
        g_ptr_array_add(mounts, m);
        if (twice)
            return lsb_fail(
                error, INVALID,
                "%s.target: expected a target of its own, got \"%s\", which an earlier mount has",
                at, m->target);
        if ((m->type == LSB_MOUNT_BIND || m->type == LSB_MOUNT_IMAGE) && ++binds > MAX_BINDS)
            return lsb_fail(error, INVALID, "%s: expected at most %d bind mounts, got more", path,
                            MAX_BINDS);
    }
    return TRUE;
}
