/* Which trees of the host the sandbox gets, by which names, and what of its root is hidden. */
#include "plan/planexports.h"

#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"

/* With LSB_PASS_PATHS libvirt mounts the root here in the first root (domain/containerhost.c). */
#define ROOT_PLACE "/host"

static void export_free(gpointer data)
{
    LsbExport *e = data;
    g_free(e->path);
    g_free(e->name);
    g_free(e);
}

/* A root that is exported is the first, and so gets WIRE_ROOT_TAG, "lsb0". */
static char *name_of_export(const LsbPlan *plan, const LsbExport *e, guint index)
{
    switch (plan->passing) {
    case LSB_PASS_TAGS:
        return g_strdup_printf("lsb%u", index);
    case LSB_PASS_DESCRIPTORS:
        return g_strdup_printf("fd:%d", e->descriptor);
    case LSB_PASS_PATHS:
        return e->role == LSB_EXPORT_ROOT ? g_strdup(ROOT_PLACE)
                                          : g_strdup_printf("/dev/.lsandbox/%u", index);
    }
    return NULL;
}

static LsbExport *add_export(LsbPlan *plan, LsbExportRole role, const char *path, gboolean readonly)
{
    LsbExport *e = g_new0(LsbExport, 1);
    e->role = role;
    e->path = g_strdup(path);
    e->readonly = readonly;
    e->descriptor = plan->passing == LSB_PASS_DESCRIPTORS ? plan->descriptors++ : -1;
    e->name = name_of_export(plan, e, plan->exports->len);
    g_ptr_array_add(plan->exports, e);
    return e;
}

char *lsb_plan_upper(const char *directory)
{
    return g_build_filename(directory, "container", NULL);
}

char *lsb_plan_include_dir(const LsbDescription *d)
{
    return g_build_filename(d->scratch, "include", NULL);
}

char *lsb_plan_include_name(guint index)
{
    return g_strdup_printf("%u", index);
}

static void add_bind(LsbPlan *plan, const LsbMount *m)
{
    const LsbDescription *d = plan->description;
    LsbExport *e = add_export(plan, LSB_EXPORT_BIND, m->source, m->readonly);
    e->mount = m;
    e->is_file = m->is_file;
    e->is_scratch = m->temporary;
    /* QEMU is never root, so only 9p's attributes can say that a machine's root owns a file. */
    e->is_mapped = d->kind == LSB_MACHINE && m->temporary && d->identity->uid == 0;
}

static void add_overlay(LsbPlan *plan, const LsbMount *m)
{
    g_autofree char *upper = m->upper ? lsb_plan_upper(m->upper) : NULL;
    add_export(plan, LSB_EXPORT_LOWER, m->source, TRUE)->mount = m;
    if (upper)
        add_export(plan, LSB_EXPORT_UPPER, upper, FALSE)->mount = m;
}

void lsb_plan_add_exports(LsbPlan *plan)
{
    const LsbDescription *d = plan->description;
    plan->exports = g_ptr_array_new_with_free_func(export_free);
    if (!d->root_is_image)
        add_export(plan, LSB_EXPORT_ROOT, d->root, TRUE);
    if (d->home == LSB_HOME_HOST)
        add_export(plan, LSB_EXPORT_HOME, d->home_source, TRUE);
    else if (d->home == LSB_HOME_DIRECTORY)
        add_export(plan, LSB_EXPORT_HOME, d->home_source, FALSE);
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (m->type == LSB_MOUNT_BIND)
            add_bind(plan, m);
        else if (m->type == LSB_MOUNT_OVERLAY)
            add_overlay(plan, m);
    }
    if (d->includes->len > 0) {
        g_autofree char *path = lsb_plan_include_dir(d);
        add_export(plan, LSB_EXPORT_INCLUDES, path, TRUE)->is_scratch = TRUE;
    }
}

static void hide(GStrvBuilder *all, const LsbDescription *d, const char *place)
{
    g_autofree char *path = g_build_filename(d->root, place, NULL);
    g_strv_builder_add(all, path);
}

void lsb_plan_add_hidden(LsbPlan *plan, char *const *homes)
{
    /*
     * The sandbox has private or virtual ones of its own. The host's are hidden as well, because a
     * hostile guest kernel could read what 9p exports below those mounts.
     */
    static const char *const always[] = {"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp"};
    const LsbDescription *d = plan->description;
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    /* With an image as its root a sandbox sees no directory of the host by its root. */
    for (gsize i = 0; !d->root_is_image && i < G_N_ELEMENTS(always); i++)
        hide(all, d, always[i]);
    for (guint i = 0; !d->root_is_image && homes[i]; i++)
        hide(all, d, homes[i]);
    plan->hidden = g_strv_builder_end(all);
}
