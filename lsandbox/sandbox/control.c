/* What libvirt does to a domain that runs: freezing it, asking what it uses, finding another's. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/control.h"
#include "host/lxcprocess.h"
#include "base/error.h"
#include "domain/limits.h"
#include "sandbox/sandbox_private.h"

/* --- the domain as a job's data ----------------------------------------------------------------
 */

virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error)
{
    if (sb->state != LSB_RUNNING) {
        lsb_fail(error, STATE, "the sandbox is %s, not running", lsb_sandbox_state_name(sb));
        return NULL;
    }
    if (!sb->domain.domain || virDomainRef(sb->domain.domain) < 0) {
        lsb_fail(error, STATE, "the sandbox has no domain of libvirt's");
        return NULL;
    }
    return sb->domain.domain;
}

static gpointer succeed(void)
{
    return GINT_TO_POINTER(TRUE);
}

/* --- what a worker does to the domain ----------------------------------------------------------
 */

/* The sandbox's domain with its groups, which its end takes away: so one of both waits, and nothing
 * is frozen after that has begun. */
typedef struct {
    LsbSandbox *sb;
    virDomainPtr domain;
    gboolean pause;
    LsbChanges changes;
} Work;

static void work_free(gpointer data)
{
    Work *work = data;
    virDomainFree(work->domain);
    lsb_changes_clear(&work->changes);
    lsb_sandbox_unref(work->sb);
    g_free(work);
}

static Work *work_new(LsbSandbox *sb, GError **error)
{
    virDomainPtr domain = lsb_sandbox_running_domain(sb, error);
    if (!domain)
        return NULL;
    Work *work = g_new0(Work, 1);
    work->sb = lsb_sandbox_ref(sb);
    work->domain = domain;
    return work;
}

/* The mutex is held, and the domain there, between these two. */
static gboolean work_begin(Work *work, GError **error)
{
    g_mutex_lock(&work->sb->domain.freezing);
    return !g_atomic_int_get(&work->sb->end_wanted) ||
           lsb_fail(error, STATE, "the sandbox was ended meanwhile");
}

static void work_end(Work *work)
{
    g_mutex_unlock(&work->sb->domain.freezing);
}

/* --- pause and resume --------------------------------------------------------------------------
 */

static gpointer freeze(gpointer data, GError **error)
{
    Work *work = data;
    gboolean ok = FALSE;
    if (work_begin(work, error) &&
        !(ok = (work->pause ? virDomainSuspend : virDomainResume)(work->domain) == 0))
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT,
                              work->pause ? "libvirt cannot pause the sandbox"
                                          : "libvirt cannot resume the sandbox");
    work_end(work);
    return ok ? succeed() : NULL;
}

LsbJob *lsb_sandbox_pause(LsbSandbox *sb, gboolean pause, GError **error)
{
    if (!sb->attached && sb->state == LSB_RUNNING && sb->paused == pause) {
        lsb_fail(error, STATE, "the sandbox is %s already", pause ? "paused" : "running");
        return NULL;
    }
    if (lsb_sandbox_is_saved_now(sb)) {
        lsb_fail(error, STATE, "the sandbox is being saved");
        return NULL;
    }
    Work *work = work_new(sb, error);
    if (!work)
        return NULL;
    if (pause && sb->domain.controller >= 0)
        lsb_controller_watch_groups(sb->domain.pid, sb->domain.connection->host->keeper);
    work->pause = pause;
    return lsb_job_new(freeze, work, work_free, NULL);
}

gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error)
{
    if (!lsb_job_take(job, error))
        return FALSE;
    if (sb->state == LSB_RUNNING)
        sb->paused = pause;
    return TRUE;
}

/* --- stats, and other limits -------------------------------------------------------------------
 */

static gpointer read_stats(gpointer data, GError **error)
{
    Work *work = data;
    LsbStats *stats = work_begin(work, error) ? lsb_domain_stats(work->sb->d, work->domain,
                                                                 &work->sb->domain.groups, error)
                                              : NULL;
    work_end(work);
    return stats;
}

LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error)
{
    Work *work = work_new(sb, error);
    return work ? lsb_job_new(read_stats, work, work_free, g_free) : NULL;
}

static gpointer change(gpointer data, GError **error)
{
    Work *work = data;
    gboolean ok = work_begin(work, error) &&
                  lsb_hold_change(work->sb->d, &work->sb->domain, &work->changes, error);
    work_end(work);
    return ok ? succeed() : NULL;
}

LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error)
{
    if (sb->attached) {
        lsb_fail(error, UNSUPPORTED,
                 "the limits of sandbox %s are with the process that started it", sb->d->name);
        return NULL;
    }
    Work *work = work_new(sb, error);
    if (!work)
        return NULL;
    work->changes = *changes;
    *changes = (LsbChanges){0};
    return lsb_job_new(change, work, work_free, NULL);
}

gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error)
{
    return lsb_job_take(job, error) != NULL;
}

/* --- attach ------------------------------------------------------------------------------------
 */

/* Of LsbSandbox.link: those that are attached and have not ended; main context only. */
static GQueue attached;

void lsb_sandbox_ignore_events(LsbSandbox *sb)
{
    if (!sb->link.data)
        return;
    g_queue_unlink(&attached, &sb->link);
    sb->link.data = NULL;
}

static void take_event(LsbSandbox *sb, int event)
{
    if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED)
        lsb_sandbox_end(sb, NULL);
    else if (event == VIR_DOMAIN_EVENT_SUSPENDED || event == VIR_DOMAIN_EVENT_RESUMED)
        sb->paused = event == VIR_DOMAIN_EVENT_SUSPENDED;
}

/* What libvirt's thread hears, for the main context. */
typedef struct {
    virConnectPtr vir; /* only to be compared */
    char *uuid;        /* NULL: of the whole connection, which is lost */
    int event;
} Note;

static void note_free(gpointer data)
{
    Note *note = data;
    g_free(note->uuid);
    g_free(note);
}

static void lose_connection(LsbSandbox *sb)
{
    g_autoptr(GError) error = g_error_new(LSB_ERROR, LSB_ERROR_LIBVIRT,
                                          "the connection to %s was lost; sandbox %s may live on",
                                          sb->d->uri, sb->d->name);
    lsb_sandbox_end(sb, error);
}

static gboolean take_note(gpointer data)
{
    const Note *note = data;
    for (GList *l = attached.head, *next; l; l = next) {
        LsbSandbox *sb = l->data;
        next = l->next;
        if (sb->domain.connection->vir != note->vir)
            continue;
        if (!note->uuid)
            lose_connection(sb);
        else if (strcmp(sb->d->uuid, note->uuid) == 0)
            take_event(sb, note->event);
    }
    return G_SOURCE_REMOVE;
}

static void pass_on(virConnectPtr vir, char *uuid, int event)
{
    Note *note = g_new0(Note, 1);
    *note = (Note){vir, uuid, event};
    g_idle_add_full(G_PRIORITY_DEFAULT, take_note, note, note_free);
}

static int on_lifecycle(virConnectPtr vir, virDomainPtr domain, int event, int detail, void *data)
{
    (void)detail;
    (void)data;
    pass_on(vir, lsb_domain_uuid(domain), event);
    return 0;
}

static void on_lost(virConnectPtr vir, int reason, void *data)
{
    (void)reason;
    (void)data;
    pass_on(vir, NULL, 0);
}

static gboolean find_domain(LsbSandbox *sb, GError **error)
{
    LsbDomain *domain = &sb->domain;
    domain->connection = lsb_connection_get(sb->d->uri, error);
    if (!domain->connection)
        return FALSE;
    lsb_connection_listen(domain->connection, on_lifecycle, on_lost);
    domain->domain = virDomainLookupByName(domain->connection->vir, sb->d->name);
    GPtrArray *labels = domain->domain ? lsb_domain_labels(domain->domain, &sb->taint) : NULL;
    if (!labels)
        return lsb_fail(error, NOT_FOUND, "no sandbox of lsandbox named %s runs on %s", sb->d->name,
                        sb->d->uri);
    sb->d->labels = labels;
    sb->told_taint = sb->taint;
    domain->xml = lsb_domain_live_xml(domain->domain);
    g_free(sb->d->uuid);
    sb->d->uuid = lsb_domain_uuid(domain->domain);
    return TRUE;
}

void lsb_sandbox_detach(LsbSandbox *sb)
{
    if (sb->state == LSB_STOPPED)
        return;
    sb->state = LSB_STOPPED;
    sb->ended = TRUE;
    lsb_sandbox_ignore_events(sb);
    lsb_domain_let_go(&sb->domain);
}

static void attached_free(gpointer data)
{
    LsbSandbox *sb = data;
    lsb_sandbox_detach(sb);
    lsb_sandbox_unref(sb);
}

static gpointer attach(gpointer data, GError **error)
{
    LsbSandbox *sb = data;
    if (find_domain(sb, error))
        return sb;
    attached_free(sb);
    return NULL;
}

LsbJob *lsb_sandbox_attach(LsbDescription *d)
{
    LsbSandbox *sb = lsb_sandbox_new(d);
    lsb_connection_init();
    sb->attached = TRUE;
    sb->state = LSB_RUNNING;
    return lsb_job_new(attach, sb, NULL, attached_free);
}

/* Events come to the main context, and until now there was nobody there to take them: so look
 * first. */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error)
{
    LsbSandbox *sb = lsb_job_take(job, error);
    if (!sb)
        return NULL;
    sb->link.data = sb;
    g_queue_push_tail_link(&attached, &sb->link);
    sb->paused = lsb_domain_is_paused(sb->domain.domain);
    if (virDomainIsActive(sb->domain.domain) != 1)
        lsb_sandbox_end(sb, NULL);
    return sb;
}

/* --- list --------------------------------------------------------------------------------------
 */

static void listed_free(gpointer data)
{
    LsbListed *l = data;
    g_free(l->name);
    g_free(l->uuid);
    g_ptr_array_unref(l->labels);
    g_free(l);
}

/* NULL: none of ours. */
static LsbListed *listed_new(virDomainPtr domain)
{
    guint taint;
    GPtrArray *labels = lsb_domain_labels(domain, &taint);
    if (!labels)
        return NULL;
    LsbListed *l = g_new0(LsbListed, 1);
    l->labels = labels;
    l->taint = taint;
    l->name = g_strdup(virDomainGetName(domain));
    l->uuid = lsb_domain_uuid(domain);
    l->paused = lsb_domain_is_paused(domain);
    return l;
}

static void array_unref(gpointer array)
{
    g_ptr_array_unref(array);
}

static gpointer list_domains(gpointer uri, GError **error)
{
    LsbConnection *c = lsb_connection_get(uri, error);
    virDomainPtr *domains = NULL;
    if (!c)
        return NULL;
    int n = virConnectListAllDomains(c->vir, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (n < 0)
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot list its domains");
    GPtrArray *list = n < 0 ? NULL : g_ptr_array_new_with_free_func(listed_free);
    for (int i = 0; i < n; i++) {
        LsbListed *l = listed_new(domains[i]);
        if (l)
            g_ptr_array_add(list, l);
        virDomainFree(domains[i]);
    }
    free(domains);
    lsb_connection_release(c);
    return list;
}

LsbJob *lsb_list(const char *uri)
{
    lsb_connection_init();
    return lsb_job_new(list_domains, g_strdup(uri), g_free, array_unref);
}

/* --- connections that a script holds -----------------------------------------------------------
 */

static void release(gpointer connection)
{
    lsb_connection_release(connection);
}

static gpointer open_connection(gpointer uri, GError **error)
{
    return lsb_connection_get(uri, error);
}

LsbJob *lsb_connect(const char *uri)
{
    lsb_connection_init();
    return lsb_job_new(open_connection, g_strdup(uri), g_free, release);
}
