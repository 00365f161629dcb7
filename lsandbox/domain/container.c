/* The start of a container, step by step: the host's parts, the domain XML, the domain, limits. */
#include "domain/container.h"

#include "base/error.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/containerhost.h"
#include "domain/domain.h"
#include "domain/limits.h"
#include "domain/networkhost.h"
#include "domain/seclabel.h"
#include "domain/taken.h"
#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "host/keeper.h"
#include "host/lxcprocess.h"
#include "plan/guestplan.h"
#include "plan/plan.h"
#include "recipe/description.h"

static LsbPlan *container_plan(const LsbDescription *d)
{
    return lsb_plan_new(d, lsb_container_is_mapped() ? LSB_PASS_DESCRIPTORS : LSB_PASS_PATHS);
}

char *lsb_container_xml(const LsbDescription *d, GError **error)
{
    (void)error;
    g_auto(LsbContainerParts) p = {.skeleton = g_strdup("/run/lsandbox/skeleton")};
    g_autoptr(LsbPlan) plan = container_plan(d);
    lsb_seclabel_preview(&d->security, &p.seclabel);
    lsb_container_choose_ids(d, &p);
    LsbDomainParts parts = lsb_container_domain_parts(&p);
    return lsb_domain_xml(plan, &parts);
}

/* --- the steps of a start --- */

static gboolean find_container_host(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                                    GError **error)
{
    const LsbDescription *d = plan->description;
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "connection");
    LsbConnection *c = domain->connection = lsb_connection_get(d->uri, error);
    return c && lsb_name_check(c, d->name, error) &&
           lsb_seclabel_resolve(&d->security, c, &p->seclabel, error) &&
           lsb_network_host_check(c, d, error);
}

static gboolean make_container_parts(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                                     GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "directories, trees, images");
    lsb_container_choose_ids(plan->description, p);
    return lsb_container_make_host_parts(plan, domain, p, error);
}

static void write_container_down(const LsbPlan *plan, LsbDomain *domain, const LsbContainerParts *p)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "domain XML and plan");
    LsbDomainParts parts = lsb_container_domain_parts(p);
    domain->xml = lsb_domain_xml(plan, &parts);
    domain->start.silence = lsb_network_host_silence(domain->connection, plan->description);
    domain->guest.plan = lsb_plan_guest(plan, domain->start.silence);
}

/*
 * libvirt makes files of a container that it leaves behind (shared/lxcfiles.h). The keeper is told
 * before the create, because this process may be killed in it. They are the domain's once there is
 * one, or once the create has failed half-way; not where the name was taken meanwhile.
 */
static void own_container_files(const LsbDescription *d, LsbDomain *domain)
{
    const LsbConnection *c = domain->connection;
    if (!domain->domain && lsb_name_is_taken(c, d->name)) {
        lsb_keeper_container(c->host->keeper, LSB_CONTAINER_ENDED, d->name);
        return;
    }
    if (domain->domain)
        lsb_keeper_container(c->host->keeper, LSB_CONTAINER_STARTED, d->name);
    domain->files.container = g_strdup(d->name);
}

static gboolean create_container(const LsbDescription *d, LsbDomain *domain, LsbContainerParts *p,
                                 GError **error)
{
    guint flags = VIR_DOMAIN_START_AUTODESTROY |
                  (g_getenv("LSANDBOX_VALIDATE") ? VIR_DOMAIN_START_VALIDATE : 0);
    LsbConnection *c = domain->connection;
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "create the domain");
    if (lsb_container_is_mapped())
        lsb_keeper_container(c->host->keeper, LSB_CONTAINER_STARTING, d->name);
    lsb_timeline_guest_begins(domain->timeline);
    domain->domain =
        virDomainCreateXMLWithFiles(c->vir, domain->xml, p->n_passed, p->passed, flags);
    if (!domain->domain) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot start the container");
        lsb_network_host_failed(d, error);
    }
    if (lsb_container_is_mapped())
        own_container_files(d, domain);
    return domain->domain != NULL;
}

/*
 * libvirt_lxc is killed when this process dies, because it may be stopped at that moment
 * (lsb_lxc_process_end()): then libvirtd would wait for it for ever. Its control groups are removed
 * because libvirtd gives up on those whose last process takes long to end.
 */
static void watch_controller(LsbDomain *domain)
{
    LsbKeeper *keeper = domain->connection->host->keeper;
    if (domain->process.controller < 0)
        return;
    lsb_keeper_watch_process(keeper, domain->process.controller);
    domain->process.watched = lsb_lxc_process_watch_groups(domain->process.pid, keeper);
}

/* The id of a container's domain is the process id of its libvirt_lxc, on this host. */
static gboolean limit_container(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "control groups");
    if (lsb_container_is_mapped())
        domain->process.pid = (int)virDomainGetID(domain->domain);
    domain->process.controller = lsb_lxc_process_open(domain->process.pid);
    watch_controller(domain);
    return lsb_limits_start_container(d, domain, error);
}

gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    g_auto(LsbContainerParts) p = {0};
    g_autoptr(LsbPlan) plan = container_plan(d);
    if (!find_container_host(plan, domain, &p, error) ||
        !make_container_parts(plan, domain, &p, error))
        return FALSE;
    write_container_down(plan, domain, &p);
    return create_container(d, domain, &p, error) && limit_container(d, domain, error);
}
