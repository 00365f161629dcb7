#include "start.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "accel.h"
#include "bootimage.h"
#include "cleanup.h"
#include "disks.h"
#include "domainxml.h"
#include "emulator.h"
#include "error.h"
#include "hold.h"
#include "identity.h"
#include "keptimage.h"
#include "machinetemplate.h"
#include "networkhost.h"
#include "paths.h"
#include "plan.h"
#include "processtime.h"
#include "qemuxml.h"
#include "reach.h"
#include "scratch.h"
#include "seclabel.h"

/* Everything the host finds for a machine before libvirt is asked for anything. */
typedef struct {
    LsbAccel accel;
    char *qemu, *firmware, *launcher, *relay, *jail, *display;
    LsbBootImage *boot;
} Parts;

static void parts_clear(Parts *p)
{
    char *strings[] = {p->qemu, p->firmware, p->launcher, p->relay, p->jail, p->display};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    lsb_boot_image_free(p->boot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

/* The recipe's, and the driver of the USB bus (machinexml.c) where there is one. */
static char **extra_modules(const LsbDescription *d)
{
    g_autoptr(GStrvBuilder) modules = g_strv_builder_new();
    for (char **m = d->kernel_extra_modules; m && *m; m++)
        g_strv_builder_add(modules, *m);
    if (lsb_qemu_has_usb(d))
        g_strv_builder_add(modules, "xhci_pci");
    return g_strv_builder_end(modules);
}

static LsbBootImage *find_boot_image(const LsbDescription *d, const char *cache, GError **error)
{
    g_autofree char *init = lsb_path_helper("lsandbox-init", error);
    g_auto(GStrv) disk_modules = lsb_disks_modules(d);
    g_auto(GStrv) extra = extra_modules(d);
    if (!init)
        return NULL;
    LsbBootRequest request = {.version = d->kernel_version,
                              .path = d->kernel_path,
                              .modules = d->kernel_modules,
                              .extra_modules = (const char *const *)extra,
                              .disk_modules = (const char *const *)disk_modules,
                              .guest_init = init,
                              .cache_dir = cache};
    return lsb_boot_image_get(&request, error);
}

static gboolean check_boot_image(const LsbDescription *d, const LsbBootImage *boot, GError **error)
{
    if (d->network.interfaces->len && !boot->has_network)
        return lsb_fail(error, NO_MODULE, "kernel %s has no virtio_net module, which network needs",
                        boot->release);
    if (boot->has_overlay || !lsb_plan_needs_overlay(d))
        return TRUE;
    return lsb_fail(error, NO_MODULE,
                    "kernel %s has no overlay module, which root_mode = \"overlay\" and missing "
                    "mount points need",
                    boot->release);
}

static gboolean find_parts(const LsbDescription *d, const char *cache, Parts *p, GError **error)
{
    return lsb_accel_resolve(d->accel, &p->accel, error) && (p->qemu = lsb_emulator_qemu(error)) &&
           (p->boot = find_boot_image(d, cache, error)) && check_boot_image(d, p->boot, error) &&
           ((p->firmware = p->boot->pvh ? lsb_emulator_firmware() : NULL), TRUE);
}

static LsbDomainParts domain_parts(const Parts *p, const char *console, gboolean embedded,
                                   gboolean own_groups, const LsbSeclabel *seclabel)
{
    return (LsbDomainParts){
        .accel = p->accel,
        .emulator = p->launcher ? p->launcher : NULL,
        .firmware = p->firmware,
        .kernel = p->boot->kernel,
        .initrd = p->boot->initrd,
        .relay = p->relay,
        .console = console,
        .jail = p->jail,
        .display = p->display,
        .no_label = embedded,
        .own_groups = own_groups,
        .seclabel = seclabel,
    };
}

char *lsb_machine_xml(const LsbDescription *d, GError **error)
{
    g_auto(Parts) p = {0};
    g_autofree char *cache = lsb_path_cache();
    if (!find_parts(d, cache, &p, error))
        return NULL;
    p.display = g_strdup(d->graphics.socket); /* the one it has when it runs is not known yet */
    gboolean embedded = strcmp(d->uri, LSB_URI_EMBED) == 0;
    g_auto(LsbSeclabel) seclabel = {0};
    lsb_seclabel_preview(&d->security, &seclabel);
    LsbDomainParts parts = domain_parts(
        &p, NULL, embedded, embedded || g_str_has_prefix(d->uri, "qemu:///session"), &seclabel);
    return lsb_domain_xml(d, &parts);
}

/* --- starting ----------------------------------------------------------------------------------
 */

/* A system libvirtd confines QEMU itself, and may not be allowed to execute a launcher of ours. */
static gboolean has_launcher(const LsbConnection *c)
{
    return c->embedded || g_str_has_prefix(c->uri, "qemu:///session");
}

static gboolean has_file_bind(const LsbDescription *d)
{
    for (guint i = 0; i < d->mounts->len; i++)
        if (((LsbMount *)d->mounts->pdata[i])->type == LSB_MOUNT_BIND &&
            ((LsbMount *)d->mounts->pdata[i])->is_file)
            return TRUE;
    return FALSE;
}

/* Where root starts QEMU through us it is another user, who has to be able to open the images. */
static gboolean check_images(const LsbDescription *d, const LsbConnection *c, GError **error)
{
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    for (guint i = 0; i < disks->len; i++) {
        const LsbImage *image = ((LsbDiskPlan *)disks->pdata[i])->image;
        cleanup_fd int fd = lsb_image_open(image, error);
        if (fd < 0 || (c->embedded && !lsb_emulator_check_image(image, d, error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean find_launcher(const LsbDescription *d, LsbDomain *domain, Parts *p, GError **error)
{
    LsbConnection *c = domain->connection;
    if (!has_launcher(c))
        return !has_file_bind(d) ||
               lsb_fail(error, UNSUPPORTED,
                        "mounts: a single file cannot be bound into a machine on %s, where "
                        "nothing of ours keeps QEMU from the files beside it; bind the directory",
                        d->uri);
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "QEMU's capabilities");
    p->launcher = lsb_emulator_launcher(c->host->cache_dir, p->qemu, error);
    return p->launcher && lsb_connection_probe(c, p->launcher, error);
}

static LsbMemoryRole memory_role(const LsbTemplate *template)
{
    return template->role == LSB_TEMPLATE_USE    ? LSB_MEMORY_TEMPLATE
           : template->role == LSB_TEMPLATE_MAKE ? LSB_MEMORY_NEW
                                                 : LSB_MEMORY_OWN;
}

static gboolean make_jail(const LsbDescription *d, LsbDomain *domain, Parts *p, GError **error)
{
    LsbHostState *host = domain->connection->host;
    if (!p->launcher)
        return TRUE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "jail");
    if (!lsb_hold_machine(d, domain, error))
        return FALSE;
    p->jail = g_build_filename(domain->dir, "jail", NULL);
    g_autofree char *keys = lsb_connection_key_dir(domain->connection);
    LsbJailParts jail = {.description = d,
                         .accel = p->accel,
                         .keeper = lsb_keeper_socket(host->keeper),
                         .dir = domain->dir,
                         .groups = &domain->groups,
                         .libvirt = keys,
                         .kernel = p->boot->kernel,
                         .initrd = p->boot->initrd,
                         .firmware = p->firmware,
                         .memory = memory_role(&domain->template),
                         .template =
                             domain->template.files ? domain->template.files->memory : NULL};
    return lsb_emulator_write_jail(p->jail, &jail, error);
}

/* QEMU would say the same at length. */
static gboolean check_reach(const LsbDescription *d, LsbOwner owner, GError **error)
{
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    for (guint i = 0; i < exports->len; i++) {
        const LsbExport *e = exports->pdata[i];
        int errnum = lsb_reach_try(e->path, owner.uid, owner.gid);
        if (errnum == 0)
            continue;
        lsb_set_errno(error, errnum,
                      "user %u, as whom a machine of this recipe reads the host, cannot open %s",
                      (guint)owner.uid, e->path);
        return FALSE;
    }
    return TRUE;
}

/* For QEMU, whose user is the program's. */
static gboolean make_host_dirs(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    LsbOwner owner = {.uid = (uid_t)-1};
    if (geteuid() == 0)
        lsb_emulator_user(d, &owner.uid, &owner.gid);
    domain->scratch = g_strdup(d->scratch);
    return lsb_scratch_make(d, domain->connection->host->keeper, owner, error) &&
           (geteuid() != 0 || !has_launcher(domain->connection) || check_reach(d, owner, error));
}

/* A system daemon gives the image to its QEMU's user, and takes it back. */
static gboolean hold_overlay(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    LsbOwner owner = {.uid = (uid_t)-1};
    if (geteuid() == 0 && has_launcher(domain->connection))
        lsb_emulator_user(d, &owner.uid, &owner.gid);
    return lsb_kept_hold(d, domain->connection->host->keeper, owner, domain->locks, error);
}

static guint create_flags(const LsbConnection *c)
{
    guint flags =
        c->embedded ? 0 : VIR_DOMAIN_START_AUTODESTROY; /* the embedded driver refuses it */
    return flags | (g_getenv("LSANDBOX_VALIDATE") ? VIR_DOMAIN_START_VALIDATE : 0);
}

/* The embedded driver's pid file; its place below the root is libvirt's own affair
 * (virPidFileBuildPath). */
static int read_pid(const LsbConnection *c, const char *name)
{
    if (!c->embedded)
        return 0;
    g_autofree char *path = g_strdup_printf("%s/e/run/qemu/%s.pid", c->host->run_dir, name);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : 0;
}

/* QEMU's spice is a module of its own, which libvirt does not name. */
static void set_create_error(const LsbDescription *d, GError **error)
{
    const virError *e = virGetLastError();
    gboolean spice =
        d->graphics.type == LSB_GRAPHICS_SPICE && e && e->message && strstr(e->message, "spice");
    lsb_set_libvirt_error(
        error, spice ? LSB_ERROR_UNSUPPORTED : LSB_ERROR_LIBVIRT,
        spice ? "graphics.type: this QEMU cannot do spice; install qemu-system-modules-spice "
                "(Debian, Ubuntu) or qemu-ui-spice-core (Fedora)"
              : "libvirt cannot start the machine");
}

/* In the sandbox's own directory, which the jail lets QEMU write, one that QEMU's user may, too. */
static char *make_display_dir(const LsbDescription *d, const LsbDomain *domain, GError **error)
{
    g_autofree char *dir = g_build_filename(domain->dir, "display", NULL);
    uid_t uid;
    gid_t gid;
    lsb_emulator_user(d, &uid, &gid);
    if (mkdir(dir, 0700) == 0 && (geteuid() != 0 || chown(dir, uid, gid) == 0))
        return g_steal_pointer(&dir);
    lsb_set_errno(error, errno, "cannot make %s for the display's socket", dir);
    return NULL;
}

/*
 * Where the recipe names another place for the socket, that is a link to it, so that QEMU gets no
 * right there. It is gone with the sandbox, by the keeper if not by us.
 */
static gboolean make_display(const LsbDescription *d, LsbDomain *domain, Parts *p, GError **error)
{
    const LsbGraphics *g = &d->graphics;
    if (g->type == LSB_GRAPHICS_NONE || g->listen)
        return TRUE;
    if (!p->launcher)
        return lsb_fail(error, UNSUPPORTED,
                        "graphics: on %s QEMU runs as a user who has no directory of ours for its "
                        "socket; say listen and port, an address to listen at",
                        d->uri);
    g_autofree char *dir = make_display_dir(d, domain, error);
    if (!dir)
        return FALSE;
    p->display = g_build_filename(dir, "socket", NULL);
    domain->display = g_strdup(g->socket ? g->socket : p->display);
    if (!g->socket)
        return TRUE;
    if (symlink(p->display, g->socket) < 0) {
        lsb_set_errno(error, errno, "graphics.socket: cannot make %s", g->socket);
        return FALSE;
    }
    domain->link = g_strdup(g->socket);
    lsb_keeper_watch_path(domain->connection->host->keeper, g->socket);
    return TRUE;
}

static gboolean create_domain(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    LsbConnection *c = domain->connection;
    if (c->embedded)
        domain->reaper = lsb_reaper_begin();
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "create the domain");
    lsb_timeline_guest_begins(domain->timeline);
    domain->domain = virDomainCreateXML(c->vir, domain->xml, create_flags(c));
    if (!domain->domain) {
        set_create_error(d, error);
        lsb_network_host_failed(d, error);
    }
    domain->pid = domain->domain ? read_pid(c, d->name) : 0;
    if (domain->pid > 0)
        lsb_timeline_add(domain->timeline, LSB_LANE_QEMU, "QEMU starts",
                         lsb_process_begun(domain->pid));
    if (domain->reaper)
        lsb_reaper_watch(domain->reaper, domain->pid);
    return domain->domain != NULL;
}

static int connect_relay(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        errno = ENAMETOOLONG;
    else if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return steal_fd(&fd);
    lsb_set_errno(error, errno, "cannot connect to the machine's relay at %s", path);
    return -1;
}

/* QEMU's own log, which libvirt keeps. */
static char **log_files(const LsbConnection *c, const char *name)
{
    if (!c->embedded)
        return NULL;
    g_autofree char *log = g_strdup_printf("%s/e/log/qemu/%s.log", c->host->run_dir, name);
    return g_strdupv((char *[]){log, NULL});
}

/* --- together ----------------------------------------------------------------------------------
 */

/* Before anything is made for the machine. */
static gboolean choose_template(const LsbDescription *d, LsbDomain *domain, const Parts *p,
                                GError **error)
{
    LsbSeclabel none = {0};
    LsbDomainParts parts = domain_parts(p, NULL, TRUE, TRUE, &none);
    return lsb_machine_choose_template(d, domain, &parts, p->boot->release, error);
}

static gboolean find_host(const LsbDescription *d, LsbDomain *domain, LsbSeclabel *seclabel,
                          Parts *p, GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "connection");
    LsbConnection *c = domain->connection = lsb_connection_get(d->uri, error);
    if (!c || !lsb_seclabel_resolve(&d->security, c, has_launcher(c), seclabel, error) ||
        !lsb_network_host_check(c, d, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "images, kernel, boot image");
    if (!hold_overlay(d, domain, error) || !check_images(d, c, error) ||
        !find_parts(d, c->host->cache_dir, p, error) || !find_launcher(d, domain, p, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "template");
    return choose_template(d, domain, p, error);
}

static gboolean make_host_parts(const LsbDescription *d, LsbDomain *domain, Parts *p,
                                GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "directories");
    domain->dir = lsb_host_make_dir(domain->connection->host, error);
    if (!domain->dir || !make_host_dirs(d, domain, error) || !make_jail(d, domain, p, error) ||
        !make_display(d, domain, p, error))
        return FALSE;
    domain->console = g_build_filename(domain->dir, "console", NULL);
    p->relay = g_build_filename(domain->dir, "relay", NULL);
    return TRUE;
}

static gboolean start_once(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    g_auto(Parts) p = {0};
    g_auto(LsbSeclabel) seclabel = {0};
    if (!find_host(d, domain, &seclabel, &p, error) || !make_host_parts(d, domain, &p, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "domain XML and plan");
    domain->accel = p.accel;
    domain->writes_images = lsb_disks_any_writable(d);
    domain->leftovers = log_files(domain->connection, d->name);
    LsbDomainParts parts = domain_parts(&p, domain->console, domain->connection->embedded,
                                        has_launcher(domain->connection), &seclabel);
    parts.memory = memory_role(&domain->template);
    domain->xml = lsb_domain_xml(d, &parts);
    domain->silence = lsb_network_host_silence(domain->connection, d);
    domain->plan =
        lsb_plan_guest(d, p.boot->overlay_modules, p.boot->network_modules, NULL, domain->silence);
    if (!create_domain(d, domain, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "relay");
    domain->relay = connect_relay(p.relay, error);
    if (domain->relay < 0)
        return FALSE;
    return lsb_machine_resume_template(domain, error);
}

/* Once more, cold: WHY is kept as the reason. */
static void give_up_template(LsbDomain *domain, const char *why)
{
    if (domain->template.role == LSB_TEMPLATE_USE)
        lsb_template_remove(domain->template.store, domain->template.key);
    lsb_domain_end(domain);
    lsb_domain_reset(domain);
    lsb_template_forgo(&domain->template, why);
    lsb_timeline_note(domain->timeline, why);
}

gboolean lsb_machine_start_again(const LsbDescription *d, LsbDomain *domain, const char *why,
                                 GError **error)
{
    give_up_template(domain, why);
    return start_once(d, domain, error);
}

gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    g_autoptr(GError) cause = NULL;
    if (start_once(d, domain, &cause))
        return TRUE;
    gboolean tried = domain->xml != NULL; /* what fails before that has no template to blame */
    if (domain->template.role == LSB_TEMPLATE_NONE || !tried || domain->origin) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    return lsb_machine_start_again(d, domain, cause->message, error);
}
