#include "plan/planmounts.h"

#include <string.h>

#include "plan/disks.h"
#include "plan/plan_private.h"
#include "plan/planexports.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/image.h"
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
static void add_mount(GPtrArray *mounts, guint32 kind, guint32 flags, char *source,
                      const char *target, char *options)
{
    LsbGuestMount *m = g_new0(LsbGuestMount, 1);
    m->kind = kind;
    m->flags = flags;
    m->source = source ? source : g_strdup("");
    m->target = g_strdup(target);
    m->options = options ? options : g_strdup("");
    g_ptr_array_add(mounts, m);
}

enum { PRIVATE = WIRE_MOUNT_NOSUID | WIRE_MOUNT_NODEV };

static char *tmpfs_options(guint64 size, guint mode)
{
    return g_strdup_printf("size=%" G_GUINT64_FORMAT ",mode=%04o", size, mode);
}

/* Private places over the root's: empty, in memory, gone with the sandbox. */
static void add_private(GPtrArray *mounts, const LsbDescription *d)
{
    static const struct {
        const char *target;
        guint mode;
    } places[] = {{"/tmp", 01777}, {"/var/tmp", 01777}, {"/run", 0755}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        add_mount(mounts, WIRE_MOUNT_TMPFS, PRIVATE | WIRE_MOUNT_OPTIONAL, NULL, places[i].target,
                  tmpfs_options(d->memory / 2, places[i].mode));
}

/* Files of the network's that are this sandbox's own, over those of the root. */
static void add_texts(GPtrArray *mounts, const LsbDescription *d)
{
    char *resolv_conf = lsb_network_resolv_conf(&d->network);
    char *hosts = lsb_network_hosts(&d->network, d->hostname);
    if (resolv_conf)
        add_mount(mounts, WIRE_MOUNT_TEXT, PRIVATE | WIRE_MOUNT_FILE, resolv_conf,
                  "/etc/resolv.conf", NULL);
    if (hosts)
        add_mount(mounts, WIRE_MOUNT_TEXT, PRIVATE | WIRE_MOUNT_FILE, hosts, "/etc/hosts", NULL);
}

/* NAME: of the file, where a single one is bound into a machine; else NULL. */
static char *export_source(char **sources, guint index, const char *name)
{
    if (sources)
        return g_strdup(sources[index]);
    return g_strdup_printf("lsb%u%s%s", index, name ? "/" : "", name ? name : "");
}

static guint32 export_kind(const LsbDescription *d)
{
    return d->kind == LSB_MACHINE ? WIRE_MOUNT_NINEP : WIRE_MOUNT_PLACED;
}

/* Homes are covered by empty directories, then the program's own home is put in. */
static void add_home(GPtrArray *mounts, const LsbDescription *d, char **sources, guint *next_export)
{
    const LsbIdentity *id = d->identity;
    g_auto(GStrv) homes = lsb_identity_homes(lsb_description_users(d));
    for (char **home = homes; *home; home++)
        if (strcmp(*home, id->home) != 0)
            add_mount(mounts, WIRE_MOUNT_TMPFS, PRIVATE | WIRE_MOUNT_OPTIONAL, NULL, *home,
                      tmpfs_options(d->memory / 2, 0755));
    if (d->home == LSB_HOME_PRIVATE) {
        g_autofree char *size = tmpfs_options(d->memory / 2, 0700);
        add_mount(mounts, WIRE_MOUNT_TMPFS, PRIVATE, NULL, id->home,
                  g_strdup_printf("%s,uid=%u,gid=%u", size, (guint)id->uid, (guint)id->gid));
        return;
    }
    guint32 flags =
        PRIVATE | (d->home == LSB_HOME_HOST ? WIRE_MOUNT_READONLY | WIRE_MOUNT_CACHED : 0);
    add_mount(mounts, export_kind(d), flags, export_source(sources, (*next_export)++, NULL),
              id->home, NULL);
}

static guint32 mount_flags(const LsbMount *m)
{
    return (m->readonly ? WIRE_MOUNT_READONLY : 0u) | (m->nosuid ? WIRE_MOUNT_NOSUID : 0u) |
           (m->nodev ? WIRE_MOUNT_NODEV : 0u) | (m->noexec ? WIRE_MOUNT_NOEXEC : 0u) |
           (m->is_file ? WIRE_MOUNT_FILE : 0u);
}

char *lsb_plan_disk_options(const LsbDescription *d, const LsbImage *image)
{
    g_autofree char *options = lsb_image_mount_options(image, d->identity->uid, d->identity->gid);
    return g_strconcat(lsb_filesystem_words[image->filesystem], *options ? " " : "", options, NULL);
}

/* NEXT_TREE: of the images that a container gets as mount trees, which come after the exports. */
static void add_image(GPtrArray *mounts, const LsbDescription *d, const LsbDiskPlan *image,
                      char **sources, guint *next_tree)
{
    const LsbMount *m = image->mount;
    if (sources)
        add_mount(mounts, WIRE_MOUNT_PLACED, mount_flags(m), g_strdup(sources[(*next_tree)++]),
                  m->target, NULL);
    else
        add_mount(mounts, WIRE_MOUNT_DISK, mount_flags(m), g_strdup(image->serial), m->target,
                  lsb_plan_disk_options(d, image->image));
}

static const LsbDiskPlan *disk_of_mount(GPtrArray *disks, const LsbMount *m)
{
    for (guint i = 0; i < disks->len; i++)
        if (((LsbDiskPlan *)disks->pdata[i])->mount == m)
            return disks->pdata[i];
    return NULL;
}

typedef struct {
    guint export, tree;
    GPtrArray *disks; /* LsbDiskPlan */
} Next;

static char *ram_options(const LsbDescription *d, const LsbMount *m)
{
    g_autofree char *options =
        tmpfs_options(m->size ? m->size : d->memory / 2, m->mode < 0 ? 01777 : (guint)m->mode);
    return m->inodes ? g_strdup_printf("%s,nr_inodes=%" G_GUINT64_FORMAT, options, m->inodes)
                     : g_steal_pointer(&options);
}

/* Takes UPPER, the source that keeps what is written; NULL: memory does. */
static char *overlay_options(const LsbDescription *d, const LsbMount *m, char *upper)
{
    g_autofree char *kept = upper;
    g_autofree char *owner =
        g_strdup_printf("uid=%u,gid=%u", (guint)d->identity->uid, (guint)d->identity->gid);
    return kept ? g_strconcat(owner, ",upper=", kept, NULL)
                : g_strdup_printf("%s,size=%" G_GUINT64_FORMAT, owner,
                                  m->size ? m->size : d->memory / 2);
}

/* NEXT: of what has a place among SOURCES, the exports and the images of a container. */
static void add_user(GPtrArray *mounts, const LsbDescription *d, const LsbMount *m, char **sources,
                     Next *next)
{
    guint32 flags = mount_flags(m);
    if (m->type == LSB_MOUNT_RAM)
        add_mount(mounts, WIRE_MOUNT_TMPFS, flags, NULL, m->target, ram_options(d, m));
    else if (m->type == LSB_MOUNT_GUEST_BIND)
        add_mount(mounts, WIRE_MOUNT_BIND, flags, g_strdup(m->source), m->target, NULL);
    else if (m->type == LSB_MOUNT_OVERLAY) {
        char *lower = export_source(sources, next->export ++, NULL);
        char *upper = m->upper ? export_source(sources, next->export ++, NULL) : NULL;
        add_mount(mounts, WIRE_MOUNT_OVERLAY, flags, lower, m->target,
                  overlay_options(d, m, upper));
    } else if (m->type == LSB_MOUNT_IMAGE)
        add_image(mounts, d, disk_of_mount(next->disks, m), sources, &next->tree);
    else {
        g_autofree char *name = m->is_file ? g_path_get_basename(m->source) : NULL;
        add_mount(mounts, export_kind(d), flags, export_source(sources, next->export ++, name),
                  m->target, lsb_plan_is_mapped(d, m) ? g_strdup("access=user") : NULL);
    }
}

/* The copies of what is included become the user's, and may grow as a private place may. */
static void add_includes(GPtrArray *mounts, const LsbDescription *d, char **sources,
                         guint next_export)
{
    const LsbIdentity *id = d->identity;
    for (guint i = 0; i < d->includes->len; i++) {
        const LsbInclude *include = d->includes->pdata[i];
        g_autofree char *name = lsb_plan_include_name(i);
        add_mount(mounts, WIRE_MOUNT_INCLUDE, PRIVATE | (include->is_dir ? 0u : WIRE_MOUNT_FILE),
                  export_source(sources, next_export, NULL), include->target,
                  g_strdup_printf("name=%s,uid=%u,gid=%u,size=%" G_GUINT64_FORMAT, name,
                                  (guint)id->uid, (guint)id->gid, d->memory / 2));
    }
}

GPtrArray *lsb_plan_mounts(const LsbDescription *d, char **sources)
{
    GPtrArray *mounts = g_ptr_array_new_with_free_func(guest_mount_free);
    guint next_export = d->root_is_image ? 0 : 1; /* 0 is the root */
    add_private(mounts, d);
    add_texts(mounts, d);
    add_home(mounts, d, sources, &next_export);
    g_autoptr(GPtrArray) disks = lsb_disks_of(d), exports = lsb_plan_exports(d);
    Next next = {
        .export = next_export, .tree = exports->len + (d->root_is_image ? 1 : 0), .disks = disks};
    for (guint i = 0; i < d->mounts->len; i++)
        add_user(mounts, d, d->mounts->pdata[i], sources, &next);
    add_includes(mounts, d, sources, next.export);
    return mounts;
}
