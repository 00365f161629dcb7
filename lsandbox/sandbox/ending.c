/*
 * The end of a sandbox, whatever begins it (the user, the guest, a time limit), until it is gone.
 */
#include "sandbox/ending.h"

#include <string.h>

#include "base/error.h"
#include "base/thread.h"
#include "base/ownprocess.h"
#include "base/timeline.h"
#include "base/wait.h"
#include "domain/domain.h"
#include "host/connection.h"
#include "sandbox/attach.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "sandbox/states.h"
#include "sandbox/timeouts.h"
#include "session/session.h"

static int enders;        /* sandboxes whose end is under way; main context only */
static pid_t enders_owner; /* the process that ends them: a forked child ends none of these */

static void count_enders(int change)
{
    if (!lsb_process_is(enders_owner))
        enders = 0;
    enders_owner = lsb_process_owner();
    enders += change;
}

static void emit_end(LsbSandbox *sb)
{
    const GError *reason = sb->end.reason;
    if (g_error_matches(reason, LSB_ERROR, LSB_ERROR_TIMEOUT) ||
        g_error_matches(reason, LSB_ERROR, LSB_ERROR_IDLE_TIMEOUT))
        lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_TIMEOUT, .error = reason});
    else if (reason)
        lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_CRASHED, .error = reason});
    lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_STOPPED, .error = reason});
}

/* Back on the main context: nothing of the domain is left. */
static gboolean on_domain_ended(gpointer data)
{
    LsbSandbox *sb = data;
    if (!lsb_sandbox_is_own(sb)) /* a forked child has the source, but not the thread */
        return G_SOURCE_REMOVE;
    g_thread_join(g_steal_pointer(&sb->end.thread));
    lsb_timeline_phase_over(sb->domain.timeline);
    lsb_sandbox_set_state(sb, LSB_ENDED);
    count_enders(-1);
    emit_end(sb);
    if (sb->lending.on_ended)
        sb->lending.on_ended(sb->lending.data, sb);
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

static gpointer end_domain(gpointer data)
{
    LsbSandbox *sb = data;
    lsb_domain_end(&sb->domain);
    g_idle_add_full(G_PRIORITY_HIGH, on_domain_ended, sb, NULL);
    return NULL;
}

void lsb_sandbox_end_domain(LsbSandbox *sb)
{
    sb->end.thread = lsb_thread_new("lsandbox-end", end_domain, lsb_sandbox_ref(sb));
}

void lsb_sandbox_end(LsbSandbox *sb, const GError *reason)
{
    if (lsb_sandbox_is_stopped(sb) || !lsb_sandbox_is_own(sb))
        return;
    if (!sb->start.thread) /* the thread may be setting the console's path */
        sb->end.log = lsb_sandbox_log(sb);
    lsb_sandbox_set_state(sb, LSB_ENDING);
    lsb_sandbox_ignore_events(sb);
    sb->end.reason = reason ? g_error_copy(reason) : NULL;
    lsb_sandbox_stop_timers(sb);
    lsb_saving_sandbox_ended(sb, reason);
    lsb_timeline_program_lost(sb->domain.timeline);
    if (!sb->start.thread)
        lsb_timeline_phase(sb->domain.timeline, LSB_LANE_END, "hang up");
    g_atomic_int_set(&sb->end.wanted, TRUE);
    if (!sb->start.thread)
        lsb_domain_hang_up_soon(&sb->domain);
    lsb_session_close(sb->session, reason);
    count_enders(+1);
    if (!sb->start.thread) /* else the domain is ended once the thread is joined */
        lsb_sandbox_end_domain(sb);
}

void lsb_sandbox_destroy_begin(LsbSandbox *sb)
{
    if (sb->state == LSB_NEW && lsb_sandbox_is_own(sb))
        lsb_sandbox_set_state(sb, LSB_ENDED);
    lsb_sandbox_end(sb, NULL);
}

void lsb_sandbox_destroy(LsbSandbox *sb)
{
    lsb_sandbox_destroy_begin(sb);
    lsb_wait_until(lsb_sandbox_ended, sb, -1);
}

static gboolean none_is_ending(gpointer data)
{
    (void)data;
    return enders == 0;
}

void lsb_sandbox_await_ends(void)
{
    count_enders(0);
    lsb_wait_until(none_is_ending, NULL, -1);
}

gboolean lsb_sandbox_ask_to_stop(LsbSandbox *sb, GError **error)
{
    if (sb->state == LSB_PAUSED)
        return lsb_fail(error, STATE,
                        "a paused sandbox cannot stop by itself: resume it first, or destroy it");
    if (sb->state == LSB_RUNNING && lsb_sandbox_is_saved_now(sb))
        return lsb_fail(error, STATE, "the sandbox is being saved: wait for that, or destroy it");
    if (sb->state == LSB_RUNNING)
        lsb_session_shut_down(sb->session);
    if (sb->state == LSB_RUNNING && sb->attached.yes && virDomainShutdown(sb->domain.domain) < 0) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot ask the sandbox to stop");
        return FALSE;
    }
    return TRUE;
}
