#include "plan/planexports.h"

#include "plan/plan_private.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"

static void export_free(gpointer data)
{
    LsbExport *e = data;
    g_free(e->tag);
    g_free(e->path);
    g_free(e);
}

static LsbExport *add_export(GPtrArray *exports, const char *path, gboolean readonly)
{
    LsbExport *e = g_new0(LsbExport, 1);
    e->tag = g_strdup_printf("lsb%u", exports->len);
    e->path = g_strdup(path);
    e->readonly = readonly;
    g_ptr_array_add(exports, e);
    return e;
}

char *lsb_plan_upper(const char *directory)
{
    return g_build_filename(directory, "container", NULL);
}

static void add_upper(GPtrArray *exports, const char *directory)
{
    g_autofree char *path = lsb_plan_upper(directory);
    add_export(exports, path, FALSE)->is_upper = TRUE;
}

char *lsb_plan_include_dir(const LsbDescription *d)
{
    return g_build_filename(d->scratch, "include", NULL);
}

char *lsb_plan_include_name(guint index)
{
    return g_strdup_printf("%u", index);
}

/* QEMU never runs as root, so a machine's root is the owner of files by attributes only. */
gboolean lsb_plan_is_mapped(const LsbDescription *d, const LsbMount *m)
{
    return d->kind == LSB_MACHINE && m->temporary && d->identity->uid == 0;
}

static void add_mount_exports(GPtrArray *exports, const LsbDescription *d, const LsbMount *m)
{
    if (m->type == LSB_MOUNT_BIND) {
        LsbExport *e = add_export(exports, m->source, m->readonly);
        e->is_file = m->is_file;
        e->is_ours = m->temporary;
        e->is_mapped = lsb_plan_is_mapped(d, m);
    } else if (m->type == LSB_MOUNT_OVERLAY) {
        add_export(exports, m->source, TRUE)->is_lower = TRUE;
        if (m->upper)
            add_upper(exports, m->upper);
    }
}

GPtrArray *lsb_plan_exports(const LsbDescription *d)
{
    GPtrArray *exports = g_ptr_array_new_with_free_func(export_free);
    if (!d->root_is_image)
        add_export(exports, d->root, TRUE);
    if (d->home == LSB_HOME_HOST)
        add_export(exports, d->identity->home, TRUE);
    else if (d->home == LSB_HOME_DIRECTORY)
        add_export(exports, d->home_source, FALSE);
    for (guint i = 0; i < d->mounts->len; i++)
        add_mount_exports(exports, d, d->mounts->pdata[i]);
    if (d->includes->len > 0) {
        g_autofree char *path = lsb_plan_include_dir(d);
        add_export(exports, path, TRUE)->is_ours = TRUE;
    }
    return exports;
}

char **lsb_plan_hidden(const LsbDescription *d)
{
    /*
     * Private or virtual in the sandbox; a hostile guest kernel must not reach the host's either.
     */
    static const char *const always[] = {"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp"};
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    if (d->root_is_image) /* nothing of the host is seen by it */
        return g_strv_builder_end(all);
    g_auto(GStrv) homes = lsb_identity_homes(d->root);
    for (gsize i = 0; i < G_N_ELEMENTS(always); i++) {
        g_autofree char *path = g_build_filename(d->root, always[i], NULL);
        g_strv_builder_add(all, path);
    }
    for (char **home = homes; *home; home++) {
        g_autofree char *path = g_build_filename(d->root, *home, NULL);
        g_strv_builder_add(all, path);
    }
    return g_strv_builder_end(all);
}
