/* Starting a sandbox: a thread starts the domain, then the session is connected to the guest. */
#include "sandbox/start.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/standardstreams.h"
#include "base/thread.h"
#include "base/timeline.h"
#include "domain/container.h"
#include "domain/domain.h"
#include "domain/machine.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "sandbox/attach.h"
#include "sandbox/ending.h"
#include "sandbox/guest.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/states.h"
#include "session/session.h"

enum {
    /* Seconds. The slowest honest boot seen: no KVM, 8 at once on 2 cores, 12 s. A container takes
     * 0.1 s. */
    BOOT_TIMEOUT_TCG = 60,
    BOOT_TIMEOUT_KVM = 20,
    BOOT_TIMEOUT_CONTAINER = 20,
    /*
     * The slowest whole start from a template seen: 7 s, 8 at once on 2 busy cores. When this time
     * is over, the machine is started cold.
     */
    BOOT_TIMEOUT_TEMPLATE = 20,
};

static gboolean on_boot_timeout(gpointer data)
{
    LsbSandbox *sb = data;
    sb->timers.boot = 0;
    lsb_sandbox_boot_failed(sb, lsb_session_has_greeted(sb->session)
                                    ? "the guest init did not carry out its plan in time"
                                    : "nothing was heard of it in time");
    return G_SOURCE_REMOVE;
}

/*
 * A start from a template, and the cold start that follows where it fails, get half of the recipe's
 * boot_timeout each.
 */
guint lsb_sandbox_boot_timeout(const LsbSandbox *sb)
{
    gboolean half = sb->domain.start.resumed || sb->start.given_up;
    guint usual = sb->d->kind == LSB_CONTAINER              ? BOOT_TIMEOUT_CONTAINER
                  : sb->domain.start.resumed                ? BOOT_TIMEOUT_TEMPLATE
                  : sb->domain.start.accel == LSB_ACCEL_KVM ? BOOT_TIMEOUT_KVM
                                                            : BOOT_TIMEOUT_TCG;
    return sb->d->boot_timeout <= 0 ? (usual + sb->domain.start.silence) * 1000
                                    : (guint)(sb->d->boot_timeout * (half ? 500 : 1000));
}

/* Back on the main context, after the thread has started the domain or failed. */
static gboolean on_domain_started(gpointer data)
{
    LsbSandbox *sb = data;
    if (!lsb_sandbox_is_own(sb)) /* a forked child has the source, but not the thread */
        return G_SOURCE_REMOVE;
    g_thread_join(g_steal_pointer(&sb->start.thread));
    lsb_timeline_reach(sb->domain.timeline, LSB_REACHED_DOMAIN);
    lsb_timeline_phase_over(sb->domain.timeline);
    if (sb->state != LSB_STARTING) { /* its end was begun meanwhile */
        lsb_sandbox_end_domain(sb);
    } else if (sb->start.error) {
        lsb_sandbox_end(sb, sb->start.error);
    } else {
        sb->timers.boot = g_timeout_add(lsb_sandbox_boot_timeout(sb), on_boot_timeout, sb);
        if (sb->d->kind == LSB_MACHINE)
            lsb_sandbox_hear_events(sb);
        lsb_session_connect(sb->session, steal_fd(&sb->domain.guest.relay),
                            sb->domain.start.resumed);
        if (sb->domain.start.resumed)
            lsb_sandbox_send_plan(sb);
        else
            lsb_timeline_await_guest(sb->domain.timeline,
                                     sb->d->kind == LSB_MACHINE ? LSB_LANE_KERNEL : LSB_LANE_INIT,
                                     "boot");
    }
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

gboolean lsb_sandbox_may_start_again(const LsbSandbox *sb)
{
    return sb->state == LSB_STARTING && !sb->start.thread && sb->domain.start.resumed &&
           !sb->domain.start.origin;
}

static void finish_start(LsbSandbox *sb)
{
    /* In this thread, because the main context may not be turned for a while. */
    if (g_atomic_int_get(&sb->end.wanted))
        lsb_domain_end(&sb->domain);
    /* Not g_main_context_invoke(), which calls in this thread while no other turns the context. */
    g_idle_add_full(G_PRIORITY_HIGH, on_domain_started, sb, NULL);
}

static gpointer start_domain(gpointer data)
{
    LsbSandbox *sb = data;
    if (sb->d->kind == LSB_CONTAINER)
        lsb_container_start(sb->d, &sb->domain, &sb->start.error);
    else if (lsb_machine_start(sb->d, &sb->domain, &sb->start.error))
        lsb_sandbox_listen(sb);
    finish_start(sb);
    return NULL;
}

/* In a thread, because the domain of the first try may need a moment to end. */
static gpointer start_domain_again(gpointer data)
{
    LsbSandbox *sb = data;
    lsb_machine_start_again(sb->d, &sb->domain, sb->start.given_up, &sb->start.error);
    finish_start(sb);
    return NULL;
}

void lsb_sandbox_start_again(LsbSandbox *sb, const char *reason)
{
    g_clear_handle_id(&sb->timers.boot, g_source_remove);
    lsb_session_close(sb->session, NULL);
    g_free(sb->start.given_up);
    sb->start.given_up = g_strdup(reason);
    sb->start.thread = lsb_thread_new("lsandbox-start", start_domain_again, lsb_sandbox_ref(sb));
}

gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error)
{
    lsb_standard_streams_hold();
    if (sb->state != LSB_NEW)
        return lsb_fail(error, STATE, "a sandbox is started once; this one is %s",
                        lsb_sandbox_state_name(sb));
    lsb_connection_init();
    lsb_sandbox_set_state(sb, LSB_STARTING);
    lsb_timeline_begin(sb->domain.timeline);
    sb->start.thread = lsb_thread_new("lsandbox-start", start_domain, lsb_sandbox_ref(sb));
    return TRUE;
}

/* A failed start is over only when nothing of the sandbox is left. */
gboolean lsb_sandbox_start_over(gpointer data)
{
    const LsbSandbox *sb = data;
    return lsb_sandbox_is_up(sb) || sb->state == LSB_ENDED;
}

gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error)
{
    if (lsb_sandbox_is_up(sb))
        return TRUE;
    if (sb->end.reason)
        g_propagate_error(error, g_error_copy(sb->end.reason));
    else
        lsb_fail(error, STOPPED, "the sandbox was stopped while it started");
    return FALSE;
}
