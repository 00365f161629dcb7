/* The start of a machine, step by step, and a second, cold start where a template fails. */
#include "domain/machine.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/domain.h"
#include "domain/logbound.h"
#include "domain/machinehost.h"
#include "domain/machineparts.h"
#include "domain/machinetemplate.h"
#include "domain/networkhost.h"
#include "domain/processtime.h"
#include "domain/seclabel.h"
#include "domain/taken.h"
#include "domain/template/template.h"
#include "domain/template/templatestore.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "host/reaper.h"
#include "host/tscrate.h"
#include "plan/guestplan.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/qemufields.h"

char *lsb_machine_xml(const LsbDescription *d, GError **error)
{
    g_auto(LsbMachineParts) p = {0};
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, LSB_PASS_TAGS);
    g_autofree char *cache = lsb_path_cache();
    if (!lsb_machine_find_parts(plan, cache, &p, error))
        return NULL;
    p.display = g_strdup(d->graphics.socket); /* a start puts it into the machine's directory */
    g_auto(LsbSeclabel) seclabel = {0};
    lsb_seclabel_preview(&d->security, &seclabel);
    LsbDomainParts parts = lsb_machine_domain_parts(&p, NULL, d->driver, &seclabel);
    return lsb_domain_xml(plan, &parts);
}

static guint create_flags(const LsbConnection *c)
{
    /* The embedded driver refuses to destroy a domain when its connection ends. */
    guint flags = lsb_drivers[c->driver].in_process ? 0 : VIR_DOMAIN_START_AUTODESTROY;
    return flags | (g_getenv("LSANDBOX_VALIDATE") ? VIR_DOMAIN_START_VALIDATE : 0);
}

/* From the embedded driver's pid file; virPidFileBuildPath() in libvirt makes its name. */
static int read_pid(const LsbConnection *c, const char *name)
{
    if (!lsb_drivers[c->driver].in_process)
        return 0;
    g_autofree char *path = g_strdup_printf("%s/e/run/qemu/%s.pid", c->host->run_dir, name);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : 0;
}

/* QEMU's spice is a module of its own, which libvirt's message does not name. */
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

/* QEMU's own log, which libvirt keeps. It is the domain's unless another domain has the name. */
static void own_machine_files(const LsbDescription *d, LsbDomain *domain)
{
    const LsbConnection *c = domain->connection;
    if (!lsb_drivers[c->driver].in_process ||
        (!domain->domain && lsb_name_is_taken(c, d->name)))
        return;
    domain->files.log = g_strdup_printf("%s/e/log/qemu/%s.log", c->host->run_dir, d->name);
    domain->files.log_bound = lsb_log_bound(domain->files.log);
}

static gboolean create_machine(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    LsbConnection *c = domain->connection;
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "create the domain");
    if (lsb_drivers[c->driver].in_process)
        domain->process.reaper = lsb_reaper_begin();
    lsb_timeline_guest_begins(domain->timeline);
    domain->start.begun = g_get_monotonic_time();
    domain->domain = virDomainCreateXML(c->vir, domain->xml, create_flags(c));
    if (!domain->domain) {
        set_create_error(d, error);
        lsb_network_host_failed(d, error);
    }
    own_machine_files(d, domain);
    domain->process.pid = domain->domain ? read_pid(c, d->name) : 0;
    if (domain->process.pid > 0)
        lsb_timeline_add(domain->timeline, LSB_LANE_QEMU, "QEMU starts",
                         lsb_process_begun(domain->process.pid));
    if (domain->process.reaper)
        lsb_reaper_watch(domain->process.reaper, domain->process.pid);
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

/* --- the steps of a start --- */

static gboolean choose_template(const LsbPlan *plan, LsbDomain *domain,
                                const LsbMachineParts *p, GError **error)
{
    LsbSeclabel none = {0};
    LsbDomainParts parts = lsb_machine_domain_parts(p, NULL, domain->connection->driver, &none);
    return lsb_machine_choose_template(plan, domain, &parts, p->boot->release, error);
}

static gboolean find_machine_host(const LsbPlan *plan, LsbDomain *domain, LsbSeclabel *seclabel,
                                  LsbMachineParts *p, GError **error)
{
    const LsbDescription *d = plan->description;
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "connection");
    LsbConnection *c = domain->connection = lsb_connection_get(d->uri, error);
    if (!c || !lsb_name_check(c, d->name, error) ||
        !lsb_seclabel_resolve(&d->security, c, seclabel, error) ||
        !lsb_network_host_check(c, d, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "images, kernel, boot image");
    if (!lsb_machine_lock_overlay(d, domain, error) || !lsb_machine_check_images(plan, c, error) ||
        !lsb_machine_find_parts(plan, c->host->cache_dir, p, error) ||
        !lsb_machine_find_launcher(d, domain, p, error))
        return FALSE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "template");
    return choose_template(plan, domain, p, error);
}

static void write_machine_down(const LsbPlan *plan, LsbDomain *domain, const LsbMachineParts *p,
                               const LsbSeclabel *seclabel)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "domain XML and plan");
    const LsbConnection *c = domain->connection;
    domain->start.accel = p->accel;
    domain->process.writes_images = plan->writes_images;
    const char *console = domain->guest.console_path;
    LsbDomainParts parts = lsb_machine_domain_parts(p, console, c->driver, seclabel);
    parts.memory = lsb_machine_memory_role(&domain->start.template_use);
    parts.tsc_khz = p->accel == LSB_ACCEL_TCG ? lsb_tsc_khz() : 0; /* not in a template's shape */
    domain->xml = lsb_domain_xml(plan, &parts);
    domain->start.silence = lsb_network_host_silence(c, plan->description);
    domain->guest.plan = lsb_plan_guest(plan, domain->start.silence);
}

static gboolean connect_machine(LsbDomain *domain, const LsbMachineParts *p, GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "relay");
    domain->guest.relay = connect_relay(p->relay, error);
    return domain->guest.relay >= 0;
}

static gboolean start_once(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    g_auto(LsbMachineParts) p = {0};
    g_auto(LsbSeclabel) seclabel = {0};
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, LSB_PASS_TAGS);
    if (!find_machine_host(plan, domain, &seclabel, &p, error) ||
        !lsb_machine_make_host_parts(plan, domain, &p, error))
        return FALSE;
    write_machine_down(plan, domain, &p, &seclabel);
    return create_machine(d, domain, error) && connect_machine(domain, &p, error) &&
           lsb_machine_resume_template(domain, error);
}

/*
 * Undo a start from a template so that the machine can start cold. WHY becomes
 * sb:info().start_reason.
 */
static void give_up_template(LsbDomain *domain, const char *why)
{
    if (domain->start.template_use.role == LSB_TEMPLATE_USE)
        lsb_template_remove(domain->start.template_use.store, domain->start.template_use.key);
    lsb_domain_end(domain);
    lsb_domain_reset(domain);
    lsb_template_forgo(&domain->start.template_use, why);
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
    /* The template is not to blame for a failure before there was any domain XML. */
    gboolean tried = domain->xml != NULL;
    if (domain->start.template_use.role == LSB_TEMPLATE_NONE || !tried || domain->start.origin) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    return lsb_machine_start_again(d, domain, cause->message, error);
}
