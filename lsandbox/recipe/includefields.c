/* The field include of a recipe: files and trees of the host that are copied into the sandbox. */
#include "recipe/includefields.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/hostsource.h"
#include "recipe/mountfields.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "shared/units.h"

enum {
    MAX_INCLUDES = 512,
    MAX_LIST = MiB, /* bytes of a list file */
    MODE_NOT_SET = -1,
};

void lsb_include_free(gpointer data)
{
    LsbInclude *i = data;
    g_free(i->source);
    g_free(i->target);
    g_free(i);
}

/* --- one copy --- */

static gboolean has_include_at(GPtrArray *includes, const char *target)
{
    for (guint i = 0; i < includes->len; i++)
        if (strcmp(((LsbInclude *)includes->pdata[i])->target, target) == 0)
            return TRUE;
    return FALSE;
}

/*
 * Check I and add it to INCLUDES, which takes it over. WHERE is the place that names its source (a
 * field, or a line of a list file); PATH is the element of include.
 */
static gboolean add_include(GPtrArray *includes, LsbInclude *i, const char *where, const char *path,
                            GError **error)
{
    gboolean twice = i->target && has_include_at(includes, i->target);
    g_ptr_array_add(includes, i);
    if (!lsb_host_file_or_directory(where, &i->source, &i->is_dir, error) ||
        !lsb_mount_check_target(path, i->target, error))
        return FALSE;
    if (twice)
        return lsb_fail(error, INVALID,
                        "%s: expected a target of its own, got \"%s\", which an earlier one has",
                        where, i->target);
    return includes->len <= MAX_INCLUDES ||
           lsb_fail(error, INVALID, "include: expected at most %d files and directories, got more",
                    MAX_INCLUDES);
}

/* A copy of SOURCE at the same path. Takes SOURCE over. */
static LsbInclude *include_in_place(char *source)
{
    LsbInclude *i = g_new0(LsbInclude, 1);
    i->source = source;
    i->target = g_strdup(source);
    i->mode = MODE_NOT_SET;
    return i;
}

/* --- a list file --- */

static gboolean add_list_line(GPtrArray *includes, const char *line, const char *where,
                              const char *path, GError **error)
{
    g_autoptr(LsbValue) value = lsb_value_string(line, -1);
    char *source = NULL;
    return lsb_field_path(value, where, &source, NULL, error) &&
           add_include(includes, include_in_place(source), where, path, error);
}

static gboolean add_lines(GPtrArray *includes, char **lines, const char *list, const char *path,
                          GError **error)
{
    for (guint i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);
        g_autofree char *where = g_strdup_printf("%s.list: line %u of %s", path, i + 1, list);
        if (*line && *line != '#' && !add_list_line(includes, line, where, path, error))
            return FALSE;
    }
    return TRUE;
}

/* A list file has a path a line. Empty lines and lines that begin with "#" do not count. */
static gboolean add_list(GPtrArray *includes, const char *list, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;
    struct stat st;
    g_autoptr(GError) cause = NULL;
    if (stat(list, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > MAX_LIST))
        return lsb_fail(error, INVALID, "%s.list: expected a file of at most %d bytes, got \"%s\"",
                        path, MAX_LIST, list);
    if (!g_file_get_contents(list, &text, &length, &cause))
        return lsb_fail(error, INVALID, "%s.list: expected a file that can be read: %s", path,
                        cause->message);
    if (memchr(text, 0, length))
        return lsb_fail(error, INVALID, "%s.list: expected lines of text, got NUL bytes in \"%s\"",
                        path, list);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    return add_lines(includes, lines, list, path, error);
}

/* --- the field --- */

/* An element of include that is a table, as written. */
typedef struct {
    char *source, *target, *list;
    int mode;
} IncludeTable;

static const LsbField include_fields[] = {
    {"source", lsb_field_path, offsetof(IncludeTable, source), NULL},
    {"target", lsb_field_path, offsetof(IncludeTable, target), NULL},
    {"list", lsb_field_path, offsetof(IncludeTable, list), NULL},
    {"mode", lsb_field_mode, offsetof(IncludeTable, mode), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean add_named(GPtrArray *includes, IncludeTable *t, const char *path, GError **error)
{
    g_autofree char *where = lsb_field_join(path, "source");
    if (!t->source)
        return lsb_fail(error, INVALID, "%s: expected absolute path, got nothing", where);
    LsbInclude *i = include_in_place(g_steal_pointer(&t->source));
    i->mode = t->mode;
    if (t->target) {
        g_free(i->target);
        i->target = g_steal_pointer(&t->target);
    }
    return add_include(includes, i, where, path, error);
}

static gboolean add_table(GPtrArray *includes, IncludeTable *t, const char *path, GError **error)
{
    if (!t->list)
        return add_named(includes, t, path, error);
    const char *other = t->source ? "source" : t->target ? "target" : t->mode >= 0 ? "mode" : NULL;
    return other ? lsb_fail(error, INVALID, "%s.%s: expected nothing beside list, got both", path,
                            other)
                 : add_list(includes, t->list, path, error);
}

static gboolean read_include_table(GPtrArray *includes, const LsbValue *value, const char *path,
                                   GError **error)
{
    IncludeTable t = {.mode = MODE_NOT_SET};
    gboolean ok = lsb_fields_read(value, path, include_fields, &t, error) &&
                  add_table(includes, &t, path, error);
    g_free(t.source);
    g_free(t.target);
    g_free(t.list);
    return ok;
}

static gboolean read_one(const LsbValue *value, const char *path, gpointer includes,
                         gconstpointer arg, GError **error)
{
    (void)arg;
    if (lsb_value_is_named(value))
        return read_include_table(includes, value, path, error);
    if (value->kind != LSB_VALUE_STRING)
        return lsb_field_error(error, path, "absolute path or a table with source or list", value);
    char *source = NULL;
    return lsb_field_path(value, path, &source, NULL, error) &&
           add_include(includes, include_in_place(source), path, path, error);
}

/* By target, so that a tree comes before the targets inside it. */
static int compare_includes(gconstpointer a, gconstpointer b)
{
    const LsbInclude *const *x = a, *const *y = b;
    return strcmp((*x)->target, (*y)->target);
}

gboolean lsb_includes_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of paths and tables", value);
    GPtrArray *includes = *(GPtrArray **)out;
    if (!lsb_fields_each(value, path, read_one, includes, NULL, error))
        return FALSE;
    g_ptr_array_sort(includes, compare_includes);
    return TRUE;
}

/* No file is made on the host in a read-only bind, nor below a file. */
static gboolean check_include_place(const LsbDescription *d, const LsbInclude *i, GError **error)
{
    const LsbMount *above = lsb_mount_above(d->mounts, i->target);
    if (above && above->is_file)
        return lsb_fail(error, INVALID,
                        "include: expected a target that is not below mounts[%u], which is a file, "
                        "got \"%s\"",
                        above->number, i->target);
    if (!above || above->type != LSB_MOUNT_BIND || !above->readonly ||
        lsb_mount_has_point(above, i->target, !i->is_dir))
        return TRUE;
    return lsb_fail(error, INVALID,
                    "include: expected a target that exists in the read-only bind mount of \"%s\" "
                    "(mounts[%u]), because no mount point is made on the host, got \"%s\": make "
                    "the %s there first, or use an overlay mount or readonly = false",
                    above->source, above->number, i->target, i->is_dir ? "directory" : "file");
}

gboolean lsb_includes_check(const LsbDescription *d, GError **error)
{
    for (guint i = 0; i < d->includes->len; i++)
        if (!check_include_place(d, d->includes->pdata[i], error))
            return FALSE;
    for (guint i = 0; i < d->includes->len; i++)
        for (guint j = 0; j < d->mounts->len; j++) {
            const LsbInclude *include = d->includes->pdata[i];
            const LsbMount *m = d->mounts->pdata[j];
            if (strcmp(include->target, m->target) == 0)
                return lsb_fail(error, INVALID,
                                "include: expected other targets than those of mounts, got \"%s\" "
                                "twice",
                                m->target);
        }
    return TRUE;
}
