/* The start of a container, step by step: the host's parts, the domain XML, the domain, limits. */
#include "domain/container.h"

#include <string.h>

#include "base/error.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/containerhost.h"
#include "domain/domain.h"
#include "domain/limits.h"
#include "domain/networkhost.h"
#include "domain/seclabel.h"
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

/* --- what libvirt leaves behind --- */

/*
 * libvirt 9 leaves three empty directories, a socket and a log of every container, named after it.
 * Each of lsandbox's containers has a new name, so they would pile up.
 */
static void forget_leftovers_later(LsbDomain *domain, const char *name)
{
    static const struct {
        const char *directory, *ending;
    } leftovers[] = {
        {"/run/libvirt/lxc/", ".dev"},  {"/run/libvirt/lxc/", ".devpts"},
        {"/run/libvirt/lxc/", ".fuse"}, {"/run/libvirt/lxc/", ".sock"},
        {"/var/log/libvirt/lxc/", ".log"},
    };
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    for (gsize i = 0; i < G_N_ELEMENTS(leftovers); i++) {
        g_autofree char *path =
            g_strconcat(leftovers[i].directory, name, leftovers[i].ending, NULL);
        g_strv_builder_add(paths, path);
        lsb_keeper_watch_late(domain->connection->host->keeper, path);
    }
    domain->files.leftovers = g_strv_builder_end(paths);
}

/* libvirt has made them by now, or never will: the keeper may take them as usual paths. */
static void settle_leftovers(LsbDomain *domain)
{
    LsbKeeper *keeper = domain->connection->host->keeper;
    for (char **path = domain->files.leftovers; path && *path; path++) {
        lsb_keeper_forget_path(keeper, *path);
        lsb_keeper_watch_path(keeper, *path);
    }
}

/* --- the steps of a start --- */

static gboolean find_container_host(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                                    GError **error)
{
    const LsbDescription *d = plan->description;
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "connection");
    LsbConnection *c = domain->connection = lsb_connection_get(d->uri, error);
    return c && lsb_seclabel_resolve(&d->security, c, &p->seclabel, error) &&
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

static gboolean create_container(const LsbDescription *d, LsbDomain *domain, LsbContainerParts *p,
                                 GError **error)
{
    guint flags = VIR_DOMAIN_START_AUTODESTROY |
                  (g_getenv("LSANDBOX_VALIDATE") ? VIR_DOMAIN_START_VALIDATE : 0);
    if (lsb_container_is_mapped())
        forget_leftovers_later(domain, d->name);
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "create the domain");
    lsb_timeline_guest_begins(domain->timeline);
    domain->domain = virDomainCreateXMLWithFiles(domain->connection->vir, domain->xml, p->n_passed,
                                                 p->passed, flags);
    settle_leftovers(domain);
    if (domain->domain)
        return TRUE;
    lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot start the container");
    lsb_network_host_failed(d, error);
    return FALSE;
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
