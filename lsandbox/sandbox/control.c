/* Pausing and resuming a sandbox that runs, reading what it uses, and changing its limits. */
#include "sandbox/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/limits.h"
#include "domain/stats.h"
#include "host/cgroup.h"
#include "host/connection.h"
#include "recipe/limitfields.h"
#include "sandbox/attach.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "sandbox/states.h"

virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error)
{
    if (!lsb_sandbox_is_up(sb)) {
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

/* --- what a worker does to the domain --- */

/*
 * One job on the domain and its control groups. The end of the sandbox takes both away. Therefore
 * the end and the jobs lock domain.freezing, and a job does nothing once end.wanted is set.
 */
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

static Work *domain_work_new(LsbSandbox *sb, GError **error)
{
    virDomainPtr domain = lsb_sandbox_running_domain(sb, error);
    if (!domain)
        return NULL;
    Work *work = g_new0(Work, 1);
    work->sb = lsb_sandbox_ref(sb);
    work->domain = domain;
    return work;
}

/*
 * Lock domain.freezing until work_end(), which must be called in any case. TRUE: the domain stays
 * until then. FALSE with LSB_ERROR_STATE: the end of the sandbox has begun.
 */
static gboolean work_begin(Work *work, GError **error)
{
    g_mutex_lock(&work->sb->domain.freezing);
    return !g_atomic_int_get(&work->sb->end.wanted) ||
           lsb_fail(error, STATE, "the sandbox was ended meanwhile");
}

static void work_end(Work *work)
{
    g_mutex_unlock(&work->sb->domain.freezing);
}

/* --- pause and resume --- */

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
    if (!sb->attached.yes && lsb_sandbox_is_up(sb) && (sb->state == LSB_PAUSED) == pause) {
        lsb_fail(error, STATE, "the sandbox is %s already", pause ? "paused" : "running");
        return NULL;
    }
    if (lsb_sandbox_is_saved_now(sb)) {
        lsb_fail(error, STATE, "the sandbox is being saved");
        return NULL;
    }
    Work *work = domain_work_new(sb, error);
    if (!work)
        return NULL;
    work->pause = pause;
    return lsb_job_new(freeze, work, work_free, NULL);
}

gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error)
{
    if (!lsb_job_take(job, error))
        return FALSE;
    lsb_sandbox_set_paused(sb, pause);
    if (!pause)
        lsb_sandbox_catch_up(sb); /* here, too, so that the next program sees the time */
    return TRUE;
}

/* --- stats, and other limits --- */

static gpointer read_stats(gpointer data, GError **error)
{
    Work *work = data;
    const LsbGroups *groups = &work->sb->domain.process.groups;
    LsbStats *stats = NULL;
    if (work_begin(work, error))
        stats = lsb_domain_stats(work->sb->d, work->domain, groups, error);
    work_end(work);
    return stats;
}

LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error)
{
    Work *work = domain_work_new(sb, error);
    return work ? lsb_job_new(read_stats, work, work_free, g_free) : NULL;
}

static gpointer change_limits(gpointer data, GError **error)
{
    Work *work = data;
    gboolean ok = work_begin(work, error) &&
                  lsb_limits_change(work->sb->d, &work->sb->domain, &work->changes, error);
    work_end(work);
    return ok ? succeed() : NULL;
}

LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error)
{
    if (sb->attached.yes) {
        lsb_fail(error, UNSUPPORTED,
                 "the limits of sandbox %s are with the process that started it", sb->d->name);
        return NULL;
    }
    Work *work = domain_work_new(sb, error);
    if (!work)
        return NULL;
    work->changes = *changes;
    *changes = (LsbChanges){0};
    return lsb_job_new(change_limits, work, work_free, NULL);
}

gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error)
{
    return lsb_job_take(job, error) != NULL;
}
