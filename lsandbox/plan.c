#include "plan.h"

#include <string.h>

#include "disks.h"
#include "identity.h"

/* One mount of the guest plan. */
typedef struct {
    guint32 kind, flags;
    char *source, *target, *options;
} GuestMount;

static void guest_mount_free(gpointer data)
{
    GuestMount *m = data;
    g_free(m->source);
    g_free(m->target);
    g_free(m->options);
    g_free(m);
}

/* Takes SOURCE and OPTIONS over. */
static void add_mount(GPtrArray *mounts, guint32 kind, guint32 flags, char *source,
                      const char *target, char *options)
{
    GuestMount *m = g_new0(GuestMount, 1);
    m->kind = kind;
    m->flags = flags;
    m->source = source ? source : g_strdup("");
    m->target = g_strdup(target);
    m->options = options ? options : g_strdup("");
    g_ptr_array_add(mounts, m);
}

/* --- exports -----------------------------------------------------------------------------------
 */

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
static gboolean is_mapped(const LsbDescription *d, const LsbMount *m)
{
    return d->kind == LSB_MACHINE && m->temporary && d->identity->uid == 0;
}

static void add_mount_exports(GPtrArray *exports, const LsbDescription *d, const LsbMount *m)
{
    if (m->type == LSB_MOUNT_BIND) {
        LsbExport *e = add_export(exports, m->source, m->readonly);
        e->is_file = m->is_file;
        e->is_ours = m->temporary;
        e->is_mapped = is_mapped(d, m);
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
    /* Private or virtual in the sandbox; a hostile guest kernel must not reach the host's either.
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

/* --- the guest's mounts ------------------------------------------------------------------------
 */

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

/* "xfs nouuid": as the options of a DISK mount. */
static char *disk_options(const LsbDescription *d, const LsbImage *image)
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
                  disk_options(d, image->image));
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
                  m->target, is_mapped(d, m) ? g_strdup("access=user") : NULL);
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

static GPtrArray *guest_mounts(const LsbDescription *d, char **sources)
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

static gboolean is_below(const char *path, const char *tree)
{
    gsize n = strlen(tree);
    return strncmp(path, tree, n) == 0 && path[n] == '/';
}

static gboolean is_in_root(const LsbDescription *d, const GuestMount *m)
{
    if (d->root_is_image)
        return FALSE; /* nobody has looked */
    g_autofree char *path = g_build_filename(d->root, m->target, NULL);
    return g_file_test(path,
                       m->flags & WIRE_MOUNT_FILE ? G_FILE_TEST_IS_REGULAR : G_FILE_TEST_IS_DIR);
}

/* A symlink to where the guest init can make a file: systemd-resolved's /etc/resolv.conf, whose own
 * /run the sandbox does not see. */
static gboolean leads_to_run(const LsbDescription *d, const char *target)
{
    g_autofree char *path = g_build_filename(d->root, target, NULL);
    g_autofree char *link = g_file_read_link(path, NULL);
    g_autofree char *parent = g_path_get_dirname(target);
    g_autofree char *to = link ? g_canonicalize_filename(link, parent) : NULL;
    g_autofree char *run = g_build_filename(d->root, "/run", NULL);
    return to && is_below(to, "/run") && g_file_test(run, G_FILE_TEST_IS_DIR);
}

/* Whether the mount point of mounts[AT] is there, or lies on an earlier mount. */
static gboolean has_mount_point(const LsbDescription *d, GPtrArray *mounts, guint at)
{
    const GuestMount *m = mounts->pdata[at];
    for (guint i = 0; i < at; i++) {
        const GuestMount *earlier = mounts->pdata[i];
        if (is_below(m->target, earlier->target) &&
            (!(earlier->flags & WIRE_MOUNT_OPTIONAL) || is_in_root(d, earlier)))
            return TRUE;
    }
    return is_in_root(d, m) || (m->kind == WIRE_MOUNT_TEXT && leads_to_run(d, m->target));
}

static gboolean needs_overlay(const LsbDescription *d, GPtrArray *mounts)
{
    if (d->root_mode == LSB_ROOT_OVERLAY)
        return TRUE;
    for (guint i = 0; i < mounts->len; i++)
        if (!(((GuestMount *)mounts->pdata[i])->flags & WIRE_MOUNT_OPTIONAL) &&
            !has_mount_point(d, mounts, i))
            return TRUE;
    return FALSE;
}

static gboolean has_overlay(GPtrArray *mounts)
{
    for (guint i = 0; i < mounts->len; i++)
        if (((GuestMount *)mounts->pdata[i])->kind == WIRE_MOUNT_OVERLAY)
            return TRUE;
    return FALSE;
}

gboolean lsb_plan_needs_overlay(const LsbDescription *d)
{
    g_autoptr(GPtrArray) mounts = guest_mounts(d, NULL);
    return needs_overlay(d, mounts) || has_overlay(mounts);
}

/* --- the guest's network -----------------------------------------------------------------------
 */

/* An address of size 0 is no bytes. */
static void put_ip(struct wire_buf *b, const LsbIp *ip)
{
    wire_put_data(b, ip->bytes, ip->size);
}

static void put_interface(struct wire_buf *b, const LsbInterface *i, guint index)
{
    g_autofree char *name = g_strdup_printf("eth%u", index);
    wire_put_data(b, i->mac, LSB_MAC);
    wire_put_str(b, name);
    wire_put_u32(b, i->mtu);
    wire_put_u32(b, i->dhcp == LSB_DHCP_YES ? WIRE_NET_DHCP | WIRE_NET_ADVERTISED : 0);
    wire_put_u32(b, i->addresses->len);
    for (guint k = 0; k < i->addresses->len; k++) {
        const LsbNetAddress *a = &g_array_index(i->addresses, LsbNetAddress, k);
        put_ip(b, &a->ip);
        wire_put_u32(b, a->ip.prefix);
        put_ip(b, &a->broadcast);
    }
    wire_put_u32(b, i->routes->len);
    for (guint k = 0; k < i->routes->len; k++) {
        const LsbNetRoute *r = &g_array_index(i->routes, LsbNetRoute, k);
        put_ip(b, &r->to);
        wire_put_u32(b, r->to.prefix);
        put_ip(b, &r->via);
    }
}

static void put_network(struct wire_buf *b, const LsbNetwork *network)
{
    wire_put_u32(b, network->interfaces->len);
    for (guint i = 0; i < network->interfaces->len; i++)
        put_interface(b, network->interfaces->pdata[i], i);
}

/* --- the plan ----------------------------------------------------------------------------------
 */

static void put_mount(struct wire_buf *b, const GuestMount *m)
{
    wire_put_u32(b, m->kind);
    wire_put_u32(b, m->flags);
    wire_put_str(b, m->source);
    wire_put_str(b, m->target);
    wire_put_str(b, m->options);
}

static void put_modules(struct wire_buf *b, char **overlay, char **network)
{
    char **lists[] = {overlay, network};
    guint n = 0;
    for (gsize k = 0; k < G_N_ELEMENTS(lists); k++)
        n += lists[k] ? g_strv_length(lists[k]) : 0;
    wire_put_u32(b, n);
    for (gsize k = 0; k < G_N_ELEMENTS(lists); k++)
        for (char **name = lists[k]; name && *name; name++)
            wire_put_str(b, *name);
}

/* Name servers that the recipe names are not replaced by those of a lease. */
static gboolean wants_lease_dns(const LsbNetwork *network)
{
    return lsb_network_has_dhcp(network) && network->dns.servers->len == 0;
}

/* The root, as PLAN has it: 9p tag, serial number, descriptor or path. */
static char *root_source(const LsbDescription *d, char **sources)
{
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    if (sources) /* an image comes as the first tree after the exports */
        return g_strdup(sources[d->root_is_image ? exports->len : 0]);
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    return g_strdup(d->root_is_image ? ((LsbDiskPlan *)disks->pdata[0])->serial : WIRE_ROOT_TAG);
}

static gboolean root_is_disk(const LsbDescription *d)
{
    return d->root_is_image && d->kind == LSB_MACHINE;
}

enum { READ_BY_OWNER = 0400, WRITE_BY_OWNER = 0600 };

/* Each belongs to the sandbox's user, and nobody else may open it. */
static void put_disks(struct wire_buf *b, const LsbDescription *d)
{
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    wire_put_u32(b, d->disks->len);
    for (guint i = 0; i < disks->len; i++) {
        const LsbDiskPlan *p = disks->pdata[i];
        if (!p->disk)
            continue;
        wire_put_str(b, d->kind == LSB_MACHINE ? p->serial : p->dev);
        wire_put_str(b, p->disk->tag);
        wire_put_u32(b, d->identity->uid);
        wire_put_u32(b, d->identity->gid);
        wire_put_u32(b, p->image->readonly ? READ_BY_OWNER : WRITE_BY_OWNER);
    }
}

GBytes *lsb_plan_guest(const LsbDescription *d, char **overlay_modules, char **network_modules,
                       char **sources, guint silence)
{
    g_autoptr(GPtrArray) mounts = guest_mounts(d, sources);
    gboolean overlay = needs_overlay(d, mounts);
    struct wire_buf b = {0};
    wire_put_u32(&b, (d->kind == LSB_MACHINE ? WIRE_PLAN_MACHINE : 0u) |
                         (overlay ? WIRE_PLAN_ROOT_OVERLAY : 0u) |
                         (d->root_mode == LSB_ROOT_OVERLAY ? WIRE_PLAN_ROOT_WRITABLE : 0u) |
                         (wants_lease_dns(&d->network) ? WIRE_PLAN_LEASE_DNS : 0u));
    wire_put_str(&b, d->hostname);
    g_autofree char *root = root_source(d, sources);
    g_autofree char *filesystem = root_is_disk(d) ? disk_options(d, &d->root_image) : NULL;
    wire_put_str(&b, d->domainname ? d->domainname : "");
    wire_put_str(&b, d->timezone ? d->timezone : "");
    wire_put_str(&b, root);
    wire_put_u64(&b, d->overlay_size ? d->overlay_size : d->memory / 2);
    wire_put_u64(&b, d->memory / 2);
    wire_put_u32(&b, d->tuning.pids ? d->tuning.pids : LSB_USUAL_PIDS);
    put_modules(&b, overlay || has_overlay(mounts) ? overlay_modules : NULL,
                d->network.interfaces->len ? network_modules : NULL);
    wire_put_u32(&b, mounts->len);
    for (guint i = 0; i < mounts->len; i++)
        put_mount(&b, mounts->pdata[i]);
    put_network(&b, &d->network);
    wire_put_u32(&b, LSB_LEASE_SECONDS + silence);
    wire_put_str(&b, filesystem ? filesystem : "");
    put_disks(&b, d);
    wire_put_str(&b, d->overlay ? LSB_OVERLAY_SERIAL : "");
    GBytes *bytes = g_bytes_new(b.data, b.len);
    wire_buf_clear(&b);
    return bytes;
}
