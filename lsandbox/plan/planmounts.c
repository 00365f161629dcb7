/* What the guest init mounts: private places, network files, the home, the recipe's mounts. */
#include "plan/planmounts.h"

#include <string.h>

#include "plan/plan.h"
#include "plan/planexports.h"
#include "recipe/description.h"
#include "recipe/image.h"
#include "recipe/mountfields.h"
#include "recipe/network/network.h"
#include "shared/wire.h"

static void guest_mount_free(gpointer data)
{
    LsbGuestMount *m = data;
    g_free(m->source);
    g_free(m->target);
    g_free(m->options);
    g_free(m);
}

/* Takes SOURCE and OPTIONS over. */
static void add_mount(LsbPlan *plan, guint32 kind, guint32 flags, char *source, const char *target,
                      char *options)
{
    LsbGuestMount *m = g_new0(LsbGuestMount, 1);
    m->kind = kind;
    m->flags = flags;
    m->source = source ? source : g_strdup("");
    m->target = g_strdup(target);
    m->options = options ? options : g_strdup("");
    g_ptr_array_add(plan->mounts, m);
}

enum { PRIVATE = WIRE_MOUNT_NOSUID | WIRE_MOUNT_NODEV };

static char *tmpfs_options(guint64 size, guint mode)
{
    return g_strdup_printf("size=%" G_GUINT64_FORMAT ",mode=%04o", size, mode);
}

/* Private places over the root's: empty, in memory, gone with the sandbox. */
static void add_private(LsbPlan *plan)
{
    static const struct {
        const char *target;
        guint mode;
    } places[] = {{"/tmp", 01777}, {"/var/tmp", 01777}, {"/run", 0755}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        add_mount(plan, WIRE_MOUNT_TMPFS, PRIVATE | WIRE_MOUNT_OPTIONAL, NULL, places[i].target,
                  tmpfs_options(plan->description->memory / 2, places[i].mode));
}

/* Takes TEXT over; NULL: the root's own file stays. */
static void add_text_mount(LsbPlan *plan, const char *target, char *text)
{
    if (text)
        add_mount(plan, WIRE_MOUNT_TEXT, PRIVATE | WIRE_MOUNT_FILE, text, target, NULL);
}

/* Files about the network that are this sandbox's own, over those of the root. */
static void add_texts(LsbPlan *plan)
{
    const LsbDescription *d = plan->description;
    add_text_mount(plan, "/etc/resolv.conf", lsb_network_resolv_conf(&d->network));
    add_text_mount(plan, "/etc/hosts",
                   lsb_network_hosts(&d->network, d->hostname, d->domainname));
}

static guint32 export_kind(const LsbPlan *plan)
{
    return plan->passing == LSB_PASS_TAGS ? WIRE_MOUNT_NINEP : WIRE_MOUNT_PLACED;
}

/* --- the home --- */

static void add_private_home(LsbPlan *plan)
{
    const LsbIdentity *id = plan->description->identity;
    g_autofree char *size = tmpfs_options(plan->description->memory / 2, 0700);
    add_mount(plan, WIRE_MOUNT_TMPFS, PRIVATE, NULL, id->home,
              g_strdup_printf("%s,uid=%u,gid=%u", size, (guint)id->uid, (guint)id->gid));
}

/* Homes are covered by empty directories, then the program's own home is put in. */
static void add_homes(LsbPlan *plan, char *const *homes)
{
    const LsbDescription *d = plan->description;
    const LsbExport *home = lsb_plan_export(plan, LSB_EXPORT_HOME, NULL);
    for (guint i = 0; homes[i]; i++)
        if (strcmp(homes[i], d->identity->home) != 0)
            add_mount(plan, WIRE_MOUNT_TMPFS, PRIVATE | WIRE_MOUNT_OPTIONAL, NULL, homes[i],
                      tmpfs_options(d->memory / 2, 0755));
    if (!home) {
        add_private_home(plan);
        return;
    }
    guint32 flags = d->home == LSB_HOME_HOST ? WIRE_MOUNT_READONLY | WIRE_MOUNT_CACHED : 0;
    add_mount(plan, export_kind(plan), PRIVATE | flags, g_strdup(home->name), d->identity->home,
              NULL);
}

/* --- the recipe's mounts --- */

static guint32 mount_flags(const LsbMount *m)
{
    return (m->readonly ? WIRE_MOUNT_READONLY : 0u) | (m->nosuid ? WIRE_MOUNT_NOSUID : 0u) |
           (m->nodev ? WIRE_MOUNT_NODEV : 0u) | (m->noexec ? WIRE_MOUNT_NOEXEC : 0u) |
           (m->is_file ? WIRE_MOUNT_FILE : 0u);
}

static char *ram_options(const LsbDescription *d, const LsbMount *m)
{
    g_autofree char *options =
        tmpfs_options(m->size ? m->size : d->memory / 2, m->mode < 0 ? 01777 : (guint)m->mode);
    return m->inodes ? g_strdup_printf("%s,nr_inodes=%" G_GUINT64_FORMAT, options, m->inodes)
                     : g_steal_pointer(&options);
}

static void add_ram(LsbPlan *plan, const LsbMount *m)
{
    add_mount(plan, WIRE_MOUNT_TMPFS, mount_flags(m), NULL, m->target,
              ram_options(plan->description, m));
}

static void add_guest_bind(LsbPlan *plan, const LsbMount *m)
{
    add_mount(plan, WIRE_MOUNT_BIND, mount_flags(m), g_strdup(m->source), m->target, NULL);
}

/* UPPER keeps what is written; NULL: memory does. */
static char *overlay_options(const LsbDescription *d, const LsbMount *m, const LsbExport *upper)
{
    const LsbIdentity *id = d->identity;
    g_autofree char *owner = g_strdup_printf("uid=%u,gid=%u", (guint)id->uid, (guint)id->gid);
    return upper ? g_strconcat(owner, ",upper=", upper->name, NULL)
                 : g_strdup_printf("%s,size=%" G_GUINT64_FORMAT, owner,
                                   m->size ? m->size : d->memory / 2);
}

static void add_overlay_mount(LsbPlan *plan, const LsbMount *m)
{
    const LsbExport *lower = lsb_plan_export(plan, LSB_EXPORT_LOWER, m),
                    *upper = lsb_plan_export(plan, LSB_EXPORT_UPPER, m);
    add_mount(plan, WIRE_MOUNT_OVERLAY, mount_flags(m), g_strdup(lower->name), m->target,
              overlay_options(plan->description, m, upper));
}

char *lsb_plan_disk_options(const LsbDescription *d, const LsbImage *image)
{
    g_autofree char *options = lsb_image_mount_options(image, d->identity->uid, d->identity->gid);
    return g_strconcat(lsb_filesystem_words[image->filesystem], *options ? " " : "", options, NULL);
}

/* A machine's guest init mounts the disk; a container's host has mounted the image already. */
static void add_image_mount(LsbPlan *plan, const LsbMount *m)
{
    const LsbPlanDisk *disk = lsb_plan_disk(plan, LSB_DISK_MOUNT, m);
    add_mount(plan, disk->dev ? WIRE_MOUNT_DISK : WIRE_MOUNT_PLACED, mount_flags(m),
              g_strdup(disk->name), m->target,
              disk->dev ? lsb_plan_disk_options(plan->description, disk->image) : NULL);
}

/* 9p exports directories only, so a machine finds a single file in its directory's export. */
static void add_bind_mount(LsbPlan *plan, const LsbMount *m)
{
    const LsbExport *e = lsb_plan_export(plan, LSB_EXPORT_BIND, m);
    g_autofree char *file = e->is_file && plan->passing == LSB_PASS_TAGS
                                ? g_path_get_basename(m->source)
                                : NULL;
    add_mount(plan, export_kind(plan), mount_flags(m),
              file ? g_strconcat(e->name, "/", file, NULL) : g_strdup(e->name), m->target,
              e->is_mapped ? g_strdup("access=user") : NULL);
}

static void add_recipe_mounts(LsbPlan *plan)
{
    static void (*const adders[])(LsbPlan *, const LsbMount *) = {
        [LSB_MOUNT_BIND] = add_bind_mount,       [LSB_MOUNT_RAM] = add_ram,
        [LSB_MOUNT_GUEST_BIND] = add_guest_bind, [LSB_MOUNT_OVERLAY] = add_overlay_mount,
        [LSB_MOUNT_IMAGE] = add_image_mount,
    };
    GPtrArray *mounts = plan->description->mounts;
    for (guint i = 0; i < mounts->len; i++) {
        const LsbMount *m = mounts->pdata[i];
        adders[m->type](plan, m);
    }
}

static guint32 include_flags(const LsbDescription *d, const LsbInclude *include)
{
    const LsbMount *above = lsb_mount_above(d->mounts, include->target);
    guint32 by_root = above && above->type == LSB_MOUNT_IMAGE ? WIRE_MOUNT_BY_ROOT : 0u;
    return PRIVATE | by_root | (include->is_dir ? 0u : WIRE_MOUNT_FILE);
}

/* Copies belong to the sandbox's user and, like a private place, may take half of its memory. */
static void add_includes(LsbPlan *plan)
{
    const LsbDescription *d = plan->description;
    const LsbExport *copies = lsb_plan_export(plan, LSB_EXPORT_INCLUDES, NULL);
    for (guint i = 0; i < d->includes->len; i++) {
        const LsbInclude *include = d->includes->pdata[i];
        g_autofree char *name = lsb_plan_include_name(i);
        add_mount(plan, WIRE_MOUNT_INCLUDE, include_flags(d, include), g_strdup(copies->name),
                  include->target,
                  g_strdup_printf("name=%s,uid=%u,gid=%u,size=%" G_GUINT64_FORMAT, name,
                                  (guint)d->identity->uid, (guint)d->identity->gid, d->memory / 2));
    }
}

void lsb_plan_add_mounts(LsbPlan *plan, char *const *homes)
{
    plan->mounts = g_ptr_array_new_with_free_func(guest_mount_free);
    add_private(plan);
    add_texts(plan);
    add_homes(plan, homes);
    add_recipe_mounts(plan);
    add_includes(plan);
}
