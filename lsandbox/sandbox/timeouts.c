/* The time limits of a sandbox, `timeout` and `idle_timeout`: timers that begin with its use. */
#include "sandbox/timeouts.h"

#include <signal.h>

#include "base/error.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox_private.h"
#include "session/session.h"

static gboolean on_life_over(gpointer data)
{
    LsbSandbox *sb = data;
    sb->timers.life = 0;
    g_autoptr(GError) error = g_error_new(LSB_ERROR, LSB_ERROR_TIMEOUT,
                                          "the sandbox's timeout of %g s is over", sb->d->timeout);
    lsb_sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

/*
 * End the sandbox if nothing went over the relay for `idle_timeout`. Otherwise set the timer again
 * for the rest of the time since the last frame.
 */
static gboolean on_idle(gpointer data)
{
    LsbSandbox *sb = data;
    gint64 due = lsb_session_last_use(sb->session) + (gint64)(sb->d->idle_timeout * G_USEC_PER_SEC);
    gint64 left = due - g_get_monotonic_time();
    sb->timers.idle = 0;
    if (left > 0) {
        sb->timers.idle = g_timeout_add((guint)(left / 1000 + 1), on_idle, sb);
        return G_SOURCE_REMOVE;
    }
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_IDLE_TIMEOUT,
                    "the sandbox was idle for %g s, its idle_timeout", sb->d->idle_timeout);
    lsb_sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

void lsb_sandbox_begin_use(LsbSandbox *sb)
{
    if (sb->d->timeout > 0)
        sb->timers.life = g_timeout_add((guint)(sb->d->timeout * 1000), on_life_over, sb);
    if (sb->d->idle_timeout > 0)
        sb->timers.idle = g_timeout_add((guint)(sb->d->idle_timeout * 1000) + 1, on_idle, sb);
    lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_STARTED});
    lsb_sandbox_add_taint(sb, 0);
}

void lsb_sandbox_end_use(LsbSandbox *sb)
{
    g_clear_handle_id(&sb->timers.life, g_source_remove);
    g_clear_handle_id(&sb->timers.idle, g_source_remove);
}

void lsb_sandbox_stop_timers(LsbSandbox *sb)
{
    lsb_sandbox_end_use(sb);
    g_clear_handle_id(&sb->timers.boot, g_source_remove);
    g_clear_handle_id(&sb->timers.fresh, g_source_remove);
}
