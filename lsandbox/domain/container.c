#include "domain/container.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/domain.h"
#include "domain/limits.h"
#include "domain/networkhost.h"
#include "domain/scratch.h"
#include "domain/seclabel.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "host/idmount.h"
#include "host/keeper.h"
#include "host/loop.h"
#include "host/lxcprocess.h"
#include "plan/disks.h"
#include "plan/plan.h"
#include "plan/planexports.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/idmap.h"

/*
 * A container's first root is a skeleton of ours: empty directories for libvirt and the guest init.
 * The real root and the binds come as descriptors of detached mount trees (open_tree(2)), made
 * read-only before they leave our hands, and are attached by the guest init. This is what lets a
 * user namespace have the host's root without libvirt making "/.oldroot" on the host, and a bind
 * mount of a tree with other mounts below it, which the kernel refuses to do inside a user
 * namespace.
 */
enum {
    FIRST_PASSED_FD = 3, /* libvirt numbers what it passes from here: relay, init, trees */
    MAX_PASSED = 32,
    /*
     * Host ids for user namespaces: 65536 of them for each, taken from the top of the range that no
     * convention of systemd or shadow uses (systemd.io/UIDS-GIDS: 1879048192 to 2147483647 is
     * free).
     */
    FIRST_ID = 1879048192,
    ID_SLOTS = 4096,
};
#define INIT_PATH  "/proc/self/fd/4"
#define ROOT_MOUNT "/host"

typedef struct {
    int fds[MAX_PASSED];
    guint n;
} Passed;

static void passed_clear(Passed *p)
{
    for (guint i = 0; i < p->n; i++)
        if (p->fds[i] >= 0)
            close(p->fds[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Passed, passed_clear)

/* Takes FD over. What a recipe may name is bounded so that all of it fits (mountfields.c). */
static gboolean pass_fd(Passed *p, int fd, GError **error)
{
    if (p->n < MAX_PASSED) {
        p->fds[p->n++] = fd;
        return TRUE;
    }
    close(fd);
    return lsb_fail(error, UNSUPPORTED, "libvirt passes at most %d descriptors to a container",
                    MAX_PASSED);
}

/* Only root can make detached trees, and is mapped away unless the recipe says otherwise; others
 * rely on libvirtd's own root. */
static gboolean is_mapped(void)
{
    return geteuid() == 0;
}

static gboolean make_skeleton(const char *path, GError **error)
{
    static const char *const places[] = {"", ".oldroot", "dev", "proc", "sys", "host", "newroot"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *dir = g_build_filename(path, places[i], NULL);
        if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
            lsb_set_errno(error, errno, "cannot make %s", dir);
            return FALSE;
        }
    }
    return TRUE;
}

static LsbDomainParts domain_parts(const LsbDescription *d, const char *skeleton,
                                   const LsbSeclabel *seclabel)
{
    guint slot = (guint)g_random_int_range(0, ID_SLOTS);
    LsbDomainParts parts = {
        .skeleton = skeleton,
        .init = INIT_PATH,
        .root_mount = is_mapped() ? NULL : ROOT_MOUNT,
        .seclabel = seclabel,
    };
    if (is_mapped())
        lsb_userns_maps(&d->security.userns, FIRST_ID + slot * LSB_USUAL_IDS, d->identity->uid,
                        d->identity->gid, &parts.uids, &parts.gids);
    return parts;
}

char *lsb_container_xml(const LsbDescription *d, GError **error)
{
    (void)error;
    g_auto(LsbSeclabel) seclabel = {0};
    lsb_seclabel_preview(&d->security, &seclabel);
    LsbDomainParts parts = domain_parts(d, "/run/lsandbox/skeleton", &seclabel);
    return lsb_domain_xml(d, &parts);
}

static gboolean pass_init(Passed *passed, GError **error)
{
    g_autofree char *init = lsb_path_helper("lsandbox-init", error);
    int fd = init ? open(init, O_RDONLY | O_CLOEXEC) : -1;
    if (init && fd < 0)
        lsb_set_errno(error, errno, "cannot open %s", init);
    return fd >= 0 && pass_fd(passed, fd, error);
}

static gboolean set_readonly(int tree)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) ==
           0;
}

/*
 * The program's user is the same in the host's directories as on a machine, where QEMU runs as that
 * user. Not in the root: overlays of it would have to be told. Where the kernel or the file system
 * cannot do that the ids stay the container's own, unless an overlay's writes are to be kept: they
 * would be lost to the next container, which has other ids.
 */
static gboolean map_ids(int tree, const LsbExport *e, const LsbIdSwap *swap, GError **error)
{
    if (!swap || e->is_ours || lsb_idmount_swap(tree, swap) || !e->is_upper)
        return TRUE;
    return lsb_fail(error, UNSUPPORTED,
                    "mounts: the file system of %s, or this kernel, has no idmapped mounts, which "
                    "keeping what a container writes needs: %s",
                    e->path, g_strerror(errno));
}

static gboolean pass_tree(Passed *passed, const LsbExport *e, const LsbIdSwap *swap, GError **error)
{
    guint recursive = e->is_lower || e->is_upper ? 0 : AT_RECURSIVE;
    cleanup_fd int fd = (int)syscall(SYS_open_tree, AT_FDCWD, e->path,
                                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
    if (fd < 0 || (e->readonly && !set_readonly(fd))) {
        lsb_set_errno(error, errno, "cannot make a %smount of %s for the container",
                      e->readonly ? "read-only " : "", e->path);
        return FALSE;
    }
    if (!map_ids(fd, e, swap, error))
        return FALSE;
    return pass_fd(passed, steal_fd(&fd), error);
}

/* --- images --- */

static guint64 attributes_of(const LsbDiskPlan *p)
{
    const LsbMount *m = p->mount;
    if (!m) /* the root: no device nodes of an image's making */
        return MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
    return (m->readonly ? MOUNT_ATTR_RDONLY : 0) | (m->nosuid ? MOUNT_ATTR_NOSUID : 0) |
           (m->nodev ? MOUNT_ATTR_NODEV : 0) | (m->noexec ? MOUNT_ATTR_NOEXEC : 0);
}

static gboolean pass_image(Passed *passed, const LsbDescription *d, const LsbDiskPlan *p,
                           const char *device, const LsbDomainParts *parts, GError **error)
{
    LsbLoopMount how = {.attributes = attributes_of(p),
                        .owner_uid = d->identity->uid,
                        .owner_gid = d->identity->gid,
                        .uids = &parts->uids,
                        .gids = &parts->gids};
    int fd = lsb_loop_mount(device, p->image, &how, error);
    return fd >= 0 && pass_fd(passed, fd, error);
}

/* All images get loop devices: those that are mounted go as trees, DEVICES gets the others. */
static gboolean pass_images(Passed *passed, const LsbDescription *d, LsbDomain *domain,
                            const LsbDomainParts *parts, GPtrArray *devices, GError **error)
{
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    if (disks->len > 0 && !is_mapped())
        return lsb_fail(error, UNSUPPORTED,
                        "disk images in a container are for root, who may mount them; a machine "
                        "takes them from everybody");
    domain->loops = lsb_loops_new();
    for (guint i = 0; i < disks->len; i++) {
        const LsbDiskPlan *p = disks->pdata[i];
        const char *device = lsb_loops_add(domain->loops, p->image, error);
        if (!device || (!p->disk && !pass_image(passed, d, p, device, parts, error)))
            return FALSE;
        if (p->disk)
            g_ptr_array_add(devices, g_strdup(device));
    }
    g_ptr_array_add(devices, NULL);
    return TRUE;
}

/* What stands for each export and each mounted image in the guest plan: the descriptor's number
 * inside, or where libvirt mounts it. */
static char **export_sources(GPtrArray *exports, const Passed *passed)
{
    guint n = is_mapped() ? passed->n - 2 : exports->len; /* without relay and init */
    GStrvBuilder *sources = g_strv_builder_new();
    for (guint i = 0; i < n; i++) {
        g_autofree char *source = is_mapped() ? g_strdup_printf("fd:%u", FIRST_PASSED_FD + 2 + i)
                                  : i == 0    ? g_strdup(ROOT_MOUNT)
                                              : g_strdup_printf("/dev/.lsandbox/%u", i);
        g_strv_builder_add(sources, source);
    }
    char **strv = g_strv_builder_end(sources);
    g_strv_builder_unref(sources);
    return strv;
}

/* The root, the first, is as it is for everybody. */
static gboolean pass_exports(Passed *passed, GPtrArray *exports, const LsbIdSwap *swap,
                             GError **error)
{
    for (guint i = 0; is_mapped() && i < exports->len; i++)
        if (!pass_tree(passed, exports->pdata[i], i > 0 ? swap : NULL, error))
            return FALSE;
    return TRUE;
}

static LsbIdSwap id_swap(const LsbDescription *d, const LsbDomainParts *parts)
{
    uid_t uid;
    gid_t gid;
    lsb_identity_on_host(d->identity, &uid, &gid);
    return (LsbIdSwap){.inside_uid = lsb_idmap_outside(&parts->uids, d->identity->uid),
                       .inside_gid = lsb_idmap_outside(&parts->gids, d->identity->gid),
                       .host_uid = uid,
                       .host_gid = gid};
}

/* What lives with the container has its ids; what is kept has those of the user it stands for. */
static gboolean make_host_dirs(const LsbDescription *d, LsbDomain *domain, const LsbIdSwap *swap,
                               GError **error)
{
    LsbOwner inside = {.uid = (uid_t)-1}, host = inside;
    if (is_mapped()) {
        inside = (LsbOwner){swap->inside_uid, swap->inside_gid};
        host = (LsbOwner){swap->host_uid, swap->host_gid};
    }
    domain->scratch = g_strdup(d->scratch);
    return lsb_scratch_make(d, domain->connection->host->keeper, inside, error) &&
           lsb_uppers_hold(d, host, domain->locks, error);
}

static gboolean pass_relay(Passed *passed, int *ours, GError **error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        lsb_set_errno(error, errno, "cannot make the relay's socket pair");
        return FALSE;
    }
    *ours = pair[0];
    return pass_fd(passed, pair[1], error);
}

/*
 * What libvirt 9 leaves behind of every container, in its own state directory: three empty
 * directories, a socket and a log, named after it. Names are unique here, so they would pile up.
 */
static void forget_leftovers_later(LsbDomain *domain, const char *name)
{
    static const char *const forms[] = {"/run/libvirt/lxc/%s.dev", "/run/libvirt/lxc/%s.devpts",
                                        "/run/libvirt/lxc/%s.fuse", "/run/libvirt/lxc/%s.sock",
                                        "/var/log/libvirt/lxc/%s.log"};
    GStrvBuilder *paths = g_strv_builder_new();
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        const char *end = strstr(forms[i], "%s");
        g_autofree char *path =
            g_strdup_printf("%.*s%s%s", (int)(end - forms[i]), forms[i], name, end + 2);
        g_strv_builder_add(paths, path);
        lsb_keeper_watch_late(domain->connection->host->keeper, path);
    }
    domain->leftovers = g_strv_builder_end(paths);
    g_strv_builder_unref(paths);
}

/* libvirt has made them by now, or never will. */
static void settle_leftovers(LsbDomain *domain)
{
    LsbKeeper *keeper = domain->connection->host->keeper;
    for (char **path = domain->leftovers; path && *path; path++) {
        lsb_keeper_forget_path(keeper, *path);
        lsb_keeper_watch_path(keeper, *path);
    }
}

gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    g_auto(Passed) passed = {.n = 0};
    g_auto(LsbSeclabel) seclabel = {0};
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "connection");
    domain->connection = lsb_connection_get(d->uri, error);
    if (!domain->connection ||
        !lsb_seclabel_resolve(&d->security, domain->connection, FALSE, &seclabel, error) ||
        !lsb_network_host_check(domain->connection, d, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "directories, trees, images");
    g_autofree char *skeleton = g_build_filename(domain->connection->host->run_dir, "c", NULL);
    LsbDomainParts parts = domain_parts(d, skeleton, &seclabel);
    LsbIdSwap swap = id_swap(d, &parts);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func(g_free);
    if (!make_host_dirs(d, domain, &swap, error) || !make_skeleton(skeleton, error) ||
        !pass_relay(&passed, &domain->relay, error) || !pass_init(&passed, error) ||
        !pass_exports(&passed, exports, &swap, error) ||
        !pass_images(&passed, d, domain, &parts, devices, error))
        return FALSE;
    parts.devices = (char *const *)devices->pdata;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "domain XML and plan");
    g_auto(GStrv) sources = export_sources(exports, &passed);
    domain->xml = lsb_domain_xml(d, &parts);
    domain->silence = lsb_network_host_silence(domain->connection, d);
    domain->plan = lsb_plan_guest(d, sources, domain->silence);
    if (is_mapped())
        forget_leftovers_later(domain, d->name);
    guint flags = VIR_DOMAIN_START_AUTODESTROY |
                  (g_getenv("LSANDBOX_VALIDATE") ? VIR_DOMAIN_START_VALIDATE : 0);
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "create the domain");
    lsb_timeline_guest_begins(domain->timeline);
    domain->domain = virDomainCreateXMLWithFiles(domain->connection->vir, domain->xml, passed.n,
                                                 passed.fds, flags);
    settle_leftovers(domain);
    if (!domain->domain) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot start the container");
        lsb_network_host_failed(d, error);
    }
    /* the id of a container is its controller's process id, on this host */
    if (domain->domain && is_mapped())
        domain->pid = (int)virDomainGetID(domain->domain);
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "control groups");
    domain->controller = lsb_lxc_process_open(domain->pid);
    return domain->domain && lsb_hold_container(d, domain, error);
}
