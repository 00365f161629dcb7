/* Making what one machine needs on the host: its directories, its jail file, its display. */
#include "domain/machinehost.h"

#include <unistd.h>

#include "base/error.h"
#include "base/timeline.h"
#include "domain/console.h"
#include "domain/domain.h"
#include "domain/emulator.h"
#include "domain/keptimage.h"
#include "domain/limits.h"
#include "domain/machinedisplay.h"
#include "domain/machineparts.h"
#include "domain/reach.h"
#include "domain/scratch.h"
#include "domain/template/template.h"
#include "domain/template/templatestore.h"
#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "host/host.h"
#include "host/keeper.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"

LsbMemoryRole lsb_machine_memory_role(const LsbTemplate *t)
{
    return t->role == LSB_TEMPLATE_USE    ? LSB_MEMORY_TEMPLATE
           : t->role == LSB_TEMPLATE_MAKE ? LSB_MEMORY_NEW
                                                 : LSB_MEMORY_OWN;
}

static gboolean make_jail(const LsbPlan *plan, LsbDomain *domain, LsbMachineParts *p,
                          GError **error)
{
    LsbHostState *host = domain->connection->host;
    if (!p->launcher)
        return TRUE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "jail");
    if (!lsb_limits_start_machine(plan->description, domain, error))
        return FALSE;
    p->jail = g_build_filename(domain->files.dir, "jail", NULL);
    g_autofree char *keys = lsb_connection_key_dir(domain->connection);
    const LsbTemplateFiles *files = domain->start.template_use.files;
    LsbJailParts jail = {.plan = plan,
                         .accel = p->accel,
                         .launcher = p->launcher,
                         .keeper = lsb_keeper_socket(host->keeper),
                         .dir = domain->files.dir,
                         .groups = &domain->process.groups,
                         .libvirt = keys,
                         .kernel = p->boot->kernel,
                         .initrd = p->boot->initrd,
                         .firmware = p->firmware,
                         .memory = lsb_machine_memory_role(&domain->start.template_use),
                         .memory_path = files ? files->memory : NULL};
    return lsb_emulator_write_jail(p->jail, &jail, error);
}

/* QEMU would fail by itself, but with a longer message that does not name the user. */
static gboolean check_reach(const LsbPlan *plan, LsbOwner owner, GError **error)
{
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
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

/* QEMU runs as the program's user, so the directories belong to that user. */
static gboolean make_machine_dirs(const LsbPlan *plan, LsbDomain *domain, GError **error)
{
    const LsbDescription *d = plan->description;
    LsbOwner owner = {.uid = (uid_t)-1};
    if (geteuid() == 0)
        lsb_emulator_user(d, &owner.uid, &owner.gid);
    domain->files.scratch = g_strdup(d->scratch);
    return lsb_scratch_make(d, domain->connection->host->keeper, owner, error) &&
           (geteuid() != 0 || !lsb_drivers[domain->connection->driver].has_launcher ||
            check_reach(plan, owner, error));
}

/*
 * With the launcher the image belongs to QEMU's user. Otherwise a libvirtd of root gives it to that
 * user, and takes it back at the end.
 */
gboolean lsb_machine_lock_overlay(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    LsbOwner owner = {.uid = (uid_t)-1};
    if (geteuid() == 0 && lsb_drivers[domain->connection->driver].has_launcher)
        lsb_emulator_user(d, &owner.uid, &owner.gid);
    LsbKeeper *keeper = domain->connection->host->keeper;
    return lsb_kept_image_lock(d, keeper, owner, domain->files.locks, error);
}

/* A libvirtd may have virtlogd write the console's file, and bound it. That cannot be a fifo. */
static gboolean make_console(LsbDomain *domain, GError **error)
{
    domain->guest.console_path = g_build_filename(domain->files.dir, "console", NULL);
    if (!lsb_drivers[domain->connection->driver].in_process)
        return TRUE;
    domain->guest.console = lsb_console_new(domain->guest.console_path, error);
    return domain->guest.console != NULL;
}

gboolean lsb_machine_make_host_parts(const LsbPlan *plan, LsbDomain *domain, LsbMachineParts *p,
                                     GError **error)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_HOST, "directories");
    domain->files.dir = lsb_host_make_dir(domain->connection->host, error);
    if (!domain->files.dir || !make_machine_dirs(plan, domain, error) ||
        !make_jail(plan, domain, p, error) ||
        !lsb_machine_make_display(plan->description, domain, p, error))
        return FALSE;
    p->relay = g_build_filename(domain->files.dir, "relay", NULL);
    return make_console(domain, error);
}
