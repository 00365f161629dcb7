/* A template in the start of a machine: choosing one, resuming from it, making a new one. */
#include "domain/machinetemplate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/domain.h"
#include "domain/machinesave.h"
#include "domain/template/memoryfile.h"
#include "domain/template/savedmachine.h"
#include "domain/template/snapshot.h"
#include "domain/template/template.h"
#include "domain/template/templatestore.h"
#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "shared/memoryfd.h"
#include "shared/units.h"

/* --- choosing --- */

/* The domain XML without what only this sandbox has: its name, its places on the host. */
static char *domain_shape(const LsbPlan *plan, const LsbDomainParts *parts)
{
    LsbDomainParts shape_parts = *parts;
    shape_parts.console = "console";
    shape_parts.relay = "relay";
    shape_parts.jail = "jail";
    shape_parts.shape = TRUE;
    return lsb_domain_xml(plan, &shape_parts);
}

/* What `lsandbox template list` shows of a template. */
static char *title_of(const LsbDescription *d, LsbAccel accel, const char *release)
{
    return g_strdup_printf("%uM, %u processor%s, %s, kernel %s", (guint)(d->memory / MiB), d->vcpus,
                           d->vcpus == 1 ? "" : "s", accel == LSB_ACCEL_KVM ? "kvm" : "tcg",
                           release);
}

/* A saved machine goes on like a start from a template, with the saved files as the template's. */
static gboolean choose_origin(LsbDomain *domain, GError **error)
{
    const LsbSavedMachine *origin = domain->start.origin;
    LsbTemplateFiles *files = g_new0(LsbTemplateFiles, 1);
    files->memory = g_strdup(lsb_saved_machine_memory(origin));
    files->state = g_strdup(lsb_saved_machine_state(origin));
    domain->start.template_use.files = files;
    domain->start.template_use.role = LSB_TEMPLATE_USE;
    return lsb_saved_machine_check(origin, domain->start.needs, error);
}

gboolean lsb_machine_choose_template(const LsbPlan *plan, LsbDomain *domain,
                                     const LsbDomainParts *parts, const char *release,
                                     GError **error)
{
    const LsbDescription *d = plan->description;
    const LsbConnection *c = domain->connection;
    gboolean embedded = c->driver == LSB_DRIVER_EMBED;
    if (embedded && !domain->start.needs) {
        g_autofree char *needed = domain_shape(plan, parts);
        domain->start.needs = lsb_machine_needs(c, parts, needed);
    }
    if (domain->start.origin && !embedded)
        return lsb_fail(error, UNSUPPORTED, "only qemu:///embed lets a saved machine go on");
    if (domain->start.origin)
        return choose_origin(domain, error);
    if (!domain->start.template_use.reason && !embedded)
        lsb_template_forgo(&domain->start.template_use, "only qemu:///embed has templates");
    if (domain->start.template_use.reason) /* a start from a template has failed before */
        return lsb_template_check_required(d, &domain->start.template_use, error);
    g_autofree char *shape = domain_shape(plan, parts), *version = lsb_connection_version(c),
                    *title = title_of(d, parts->accel, release);
    const char *files[] = {parts->firmware, NULL};
    LsbTemplateRequest request = {.cache_dir = c->host->cache_dir,
                                  .shape = shape,
                                  .libvirt = version,
                                  .files = files,
                                  .title = title};
    if (!lsb_template_choose(d, &request, &domain->start.template_use, error))
        return FALSE;
    const char *reason = domain->start.template_use.reason;
    lsb_timeline_note(domain->timeline, reason ? reason : "from a template");
    return TRUE;
}

/* --- resuming --- */

gboolean lsb_machine_resume_template(LsbDomain *domain, GError **error)
{
    if (domain->start.template_use.role != LSB_TEMPLATE_USE)
        return TRUE;
    lsb_timeline_phase(domain->timeline, LSB_LANE_QEMU, "state of the template");
    const char *path = domain->start.template_use.files->state;
    cleanup_fd int state = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (state < 0) {
        lsb_set_errno(error, errno, "cannot open the template %s", path);
        return FALSE;
    }
    domain->start.resumed = TRUE;
    if (!lsb_snapshot_load(domain->domain, state,
                           domain->start.origin ? LSB_MEMORY_IN_STATE : LSB_MEMORY_IN_FILE, error))
        return FALSE;
    lsb_timeline_guest_resumes(domain->timeline);
    return TRUE;
}

/* --- making --- */

typedef struct {
    LsbDomain *domain;
    void (*on_taken)(gpointer);
    gpointer self;
    gboolean begun, taken;
} Taking;

/* QEMU has the launcher's memfd under the number MEMORY_FD (proc(5)). */
static int open_memory(int pid, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd/%d", pid, MEMORY_FD);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        lsb_set_errno(error, errno, "cannot open the machine's memory, %s", path);
    return fd;
}

/* The machine is stopped from here to lsb_snapshot_continue(). */
static gboolean save_into_template(LsbDomain *domain, int memory, int state, GError **error)
{
    struct stat st = {0};
    cleanup_fd int from = open_memory(domain->process.pid, error);
    if (from < 0 || fstat(from, &st) < 0 ||
        !lsb_template_has_room(domain->start.template_use.store, (guint64)st.st_blocks * 512,
                               error) ||
        !lsb_snapshot_save(domain->domain, state, LSB_MEMORY_IN_FILE, error))
        return FALSE;
    if (lsb_memory_copy(from, memory, (guint64)st.st_size))
        return TRUE;
    lsb_set_errno(error, errno, "cannot copy the machine's memory into the template");
    return FALSE;
}

/* sb:info().start_reason tells why each start is cold. The main thread reads it after ON_TAKEN. */
static void add_reason(LsbTemplate *t, const char *why)
{
    g_autofree char *before = g_steal_pointer(&t->reason);
    t->reason = g_strdup_printf("%s, and none was made: %s", before, why);
}

static gboolean take_template(gpointer self, int memory, int state, GError **error)
{
    Taking *t = self;
    t->begun = TRUE;
    gboolean saved = save_into_template(t->domain, memory, state, error);
    if (!saved)
        add_reason(&t->domain->start.template_use, (*error)->message);
    t->taken = lsb_snapshot_continue(t->domain->domain, saved ? error : NULL);
    if (t->taken)
        t->on_taken(t->self);
    return saved && t->taken;
}

gboolean lsb_machine_make_template(LsbDomain *domain, void (*on_taken)(gpointer), gpointer self,
                                   GError **error)
{
    Taking t = {domain, on_taken, self, FALSE, FALSE};
    lsb_timeline_phase(domain->timeline, LSB_LANE_QEMU, "template is made");
    g_autofree char *store = g_strdup(domain->start.template_use.store),
                    *key = g_strdup(domain->start.template_use.key),
                    *title = g_strdup(domain->start.template_use.title);
    g_autoptr(GError) cause = NULL;
    gboolean made = lsb_template_make(store, key, title, take_template, &t, &cause);
    if (!t.begun && cause)
        add_reason(&domain->start.template_use, cause->message);
    if (!t.taken) /* the machine was never stopped, or QEMU has ended */
        on_taken(self);
    if (cause)
        g_propagate_error(error, g_steal_pointer(&cause));
    return made;
}
