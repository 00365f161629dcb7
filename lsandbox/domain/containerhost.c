/*
 * What is made on the host for one container.
 *
 * A container's first root is a skeleton: empty directories for libvirt and the guest init. The
 * real root and the binds come as descriptors of detached mount trees (open_tree(2)), which are
 * made read-only on the host, and which the guest init attaches. So a user namespace can have the
 * host's root without libvirt making "/.oldroot" on the host, and a bind mount of a tree with other
 * mounts below it, which the kernel refuses to do inside a user namespace.
 */
#include "domain/containerhost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/directory.h"
#include "base/error.h"
#include "base/paths.h"
#include "domain/domain.h"
#include "domain/scratch.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/securityxml.h"
#include "host/idmount.h"
#include "host/loop.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/idmap.h"

enum {
    /*
     * Host ids for user namespaces: 65536 of them for each, taken from the top of the range that no
     * convention of systemd or shadow uses (systemd.io/UIDS-GIDS: 1879048192 to 2147483647 is
     * free).
     */
    FIRST_ID = 1879048192,
    ID_SLOTS = 4096,
};
#define INIT_PATH "/proc/self/fd/4" /* LSB_FD_INIT */

void lsb_container_parts_clear(LsbContainerParts *p)
{
    lsb_seclabel_clear(&p->seclabel);
    g_free(p->skeleton);
    g_clear_pointer(&p->devices, g_hash_table_unref);
    for (guint i = 0; i < p->n_passed; i++)
        if (p->passed[i] >= 0)
            close(p->passed[i]);
}

gboolean lsb_container_is_mapped(void)
{
    return geteuid() == 0;
}

void lsb_container_choose_ids(const LsbDescription *d, LsbContainerParts *p)
{
    guint slot = (guint)g_random_int_range(0, ID_SLOTS);
    if (lsb_container_is_mapped())
        lsb_userns_maps(&d->security.userns, FIRST_ID + slot * LSB_USUAL_IDS, d->identity->uid,
                        d->identity->gid, &p->uids, &p->gids);
}

LsbDomainParts lsb_container_domain_parts(const LsbContainerParts *p)
{
    return (LsbDomainParts){
        .skeleton = p->skeleton,
        .init = INIT_PATH,
        .uids = p->uids,
        .gids = p->gids,
        .devices = p->devices,
        .seclabel = &p->seclabel,
    };
}

/* --- directories --- */

static gboolean make_skeleton(const char *path, GError **error)
{
    static const char *const places[] = {"", ".oldroot", "dev", "proc", "sys", "host", "newroot"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *dir = g_build_filename(path, places[i], NULL);
        if (lsb_directory_make(dir, 0755) < 0 && errno != EEXIST) {
            lsb_set_errno(error, errno, "cannot make %s", dir);
            return FALSE;
        }
    }
    return TRUE;
}

/* The program's user by two sets of host ids: those of the container's user and of the host's. */
static LsbIdSwap id_swap(const LsbDescription *d, const LsbContainerParts *p)
{
    uid_t uid;
    gid_t gid;
    lsb_identity_on_host(d->identity, &uid, &gid);
    return (LsbIdSwap){.inside_uid = lsb_idmap_outside(&p->uids, d->identity->uid),
                       .inside_gid = lsb_idmap_outside(&p->gids, d->identity->gid),
                       .host_uid = uid,
                       .host_gid = gid,
                       .keeps_root = p->uids.n > 0};
}

/*
 * Scratch directories are removed with the container, and belong to its ids. A directory that keeps
 * writes outlives those ids, and belongs to the host's user; without a user namespace a scratch
 * directory does, too, because then its mount swaps ids as every other one (map_ids()).
 */
static gboolean make_container_dirs(const LsbDescription *d, LsbDomain *domain,
                                    const LsbIdSwap *swap, GError **error)
{
    LsbOwner inside = {.uid = (uid_t)-1}, host = inside;
    if (lsb_container_is_mapped()) {
        host = (LsbOwner){swap->host_uid, swap->host_gid};
        inside = swap->keeps_root ? (LsbOwner){swap->inside_uid, swap->inside_gid} : host;
    }
    domain->files.scratch = g_strdup(d->scratch);
    return lsb_scratch_make(d, domain->connection->host->keeper, inside, error) &&
           lsb_uppers_lock(d, host, domain->files.locks, error);
}

/* --- descriptors --- */

/* mountfields.c bounds what a recipe may list, so that all descriptors fit. */
static gboolean make_descriptor_room(const LsbPlan *plan, LsbContainerParts *p, GError **error)
{
    guint n = (guint)plan->descriptors - LSB_FD_RELAY;
    if (n > LSB_MOST_PASSED)
        return lsb_fail(error, UNSUPPORTED, "libvirt passes at most %d descriptors to a container",
                        LSB_MOST_PASSED);
    p->n_passed = n;
    for (guint i = 0; i < n; i++)
        p->passed[i] = -1;
    return TRUE;
}

/* Takes FD over; the container's init will have it as NUMBER. */
static void pass_fd(LsbContainerParts *p, int number, int fd)
{
    p->passed[number - LSB_FD_RELAY] = fd;
}

static gboolean pass_relay(LsbContainerParts *p, int *own_end, GError **error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        lsb_set_errno(error, errno, "cannot make the relay's socket pair");
        return FALSE;
    }
    *own_end = pair[0];
    pass_fd(p, LSB_FD_RELAY, pair[1]);
    return TRUE;
}

static gboolean pass_init(LsbContainerParts *p, GError **error)
{
    g_autofree char *init = lsb_path_helper("lsandbox-init", error);
    int fd = init ? open(init, O_RDONLY | O_CLOEXEC) : -1;
    if (init && fd < 0)
        lsb_set_errno(error, errno, "cannot open %s", init);
    if (fd < 0)
        return FALSE;
    pass_fd(p, LSB_FD_INIT, fd);
    return TRUE;
}

/* --- mount trees --- */

static gboolean set_readonly(int tree)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) ==
           0;
}

/*
 * The program's user is the same in the host's directories as on a machine, where QEMU runs as that
 * user. The root is left as it is, because overlays of it would have to be told; it is read-only.
 *
 * Where the kernel or the file system has no idmapped mounts the ids stay the container's own,
 * which are nobody's on the host. That is an error for what keeps an overlay's writes, because the
 * next container has other ids and could not read them; and without a user namespace, because there
 * root inside is the host's root.
 */
static gboolean map_ids(int tree, const LsbExport *e, const LsbIdSwap *swap, GError **error)
{
    if (e->role == LSB_EXPORT_ROOT || (e->is_scratch && swap->keeps_root) ||
        lsb_idmount_swap(tree, swap))
        return TRUE;
    int errnum = errno;
    if (!swap->keeps_root)
        return lsb_fail(error, UNSUPPORTED,
                        "security.userns: with false, ids inside are the host's, and %s needs an "
                        "idmapped mount so that no program inside has the rights of the host's "
                        "root there; this kernel or file system has none: %s; leave userns out, "
                        "or the mount",
                        e->path, g_strerror(errnum));
    return e->role != LSB_EXPORT_UPPER ||
           lsb_fail(error, UNSUPPORTED,
                    "mounts: the file system of %s, or this kernel, has no idmapped mounts, which "
                    "keeping what a container writes needs: %s",
                    e->path, g_strerror(errnum));
}

/* An overlay shows one file system, so the mounts in its directories stay out. */
static int clone_tree(const LsbExport *e)
{
    gboolean is_of_overlay = e->role == LSB_EXPORT_LOWER || e->role == LSB_EXPORT_UPPER;
    guint recursive = is_of_overlay ? 0 : AT_RECURSIVE;
    return (int)syscall(SYS_open_tree, AT_FDCWD, e->path,
                        OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
}

static gboolean pass_tree(LsbContainerParts *p, const LsbExport *e, const LsbIdSwap *swap,
                          GError **error)
{
    cleanup_fd int fd = clone_tree(e);
    if (fd < 0 || (e->readonly && !set_readonly(fd))) {
        lsb_set_errno(error, errno, "cannot make a %smount of %s for the container",
                      e->readonly ? "read-only " : "", e->path);
        return FALSE;
    }
    if (!map_ids(fd, e, swap, error))
        return FALSE;
    pass_fd(p, e->descriptor, steal_fd(&fd));
    return TRUE;
}

static gboolean pass_exports(const LsbPlan *plan, LsbContainerParts *p, const LsbIdSwap *swap,
                             GError **error)
{
    if (plan->passing != LSB_PASS_DESCRIPTORS)
        return TRUE;
    for (guint i = 0; i < plan->exports->len; i++)
        if (!pass_tree(p, plan->exports->pdata[i], swap, error))
            return FALSE;
    return TRUE;
}

/* --- images --- */

static gboolean check_images(const LsbPlan *plan, GError **error)
{
    return plan->disks->len == 0 || lsb_container_is_mapped() ||
           lsb_fail(error, UNSUPPORTED,
                    "only root can use disk images in a container, because the host mounts them; "
                    "in a machine every user can");
}

/* M is NULL for an image that is the root. Device nodes in such an image must not work. */
static guint64 attributes_of(const LsbMount *m)
{
    if (!m)
        return MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
    return (m->readonly ? MOUNT_ATTR_RDONLY : 0) | (m->nosuid ? MOUNT_ATTR_NOSUID : 0) |
           (m->nodev ? MOUNT_ATTR_NODEV : 0) | (m->noexec ? MOUNT_ATTR_NOEXEC : 0);
}

static gboolean pass_image(const LsbPlan *plan, LsbContainerParts *p, const LsbPlanDisk *disk,
                           const char *device, GError **error)
{
    const LsbIdentity *id = plan->description->identity;
    LsbLoopMount how = {.attributes = attributes_of(disk->mount),
                        .owner_uid = id->uid,
                        .owner_gid = id->gid,
                        .uids = &p->uids,
                        .gids = &p->gids};
    int fd = lsb_loop_mount(device, disk->image, &how, error);
    if (fd < 0)
        return FALSE;
    pass_fd(p, disk->descriptor, fd);
    return TRUE;
}

/* Every image gets a loop device. Those to be mounted are passed as trees, the others are disks. */
static gboolean make_images(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                            GError **error)
{
    domain->files.loops = lsb_loops_new();
    p->devices = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbPlanDisk *disk = plan->disks->pdata[i];
        const char *device = lsb_loops_add(domain->files.loops, disk->image, error);
        if (!device)
            return FALSE;
        if (disk->role == LSB_DISK_RAW)
            g_hash_table_insert(p->devices, (gpointer)disk, g_strdup(device));
        else if (!pass_image(plan, p, disk, device, error))
            return FALSE;
    }
    return TRUE;
}

gboolean lsb_container_make_host_parts(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                                       GError **error)
{
    const LsbDescription *d = plan->description;
    LsbIdSwap swap = id_swap(d, p);
    p->skeleton = g_build_filename(domain->connection->host->run_dir, "c", NULL);
    return check_images(plan, error) && make_descriptor_room(plan, p, error) &&
           make_container_dirs(d, domain, &swap, error) && make_skeleton(p->skeleton, error) &&
           pass_relay(p, &domain->guest.relay, error) && pass_init(p, error) &&
           pass_exports(plan, p, &swap, error) && make_images(plan, domain, p, error);
}
