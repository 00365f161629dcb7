/* The states of a sandbox: the steps that are allowed, and what each state allows. */
#include "sandbox/states.h"

#include "base/error.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "session/session.h"

/* --- the steps --- */

#define STEP(state) (1u << (state))

/* From each state, the states that may follow. */
static const guint steps[] = {
    [LSB_NEW] = STEP(LSB_STARTING) | STEP(LSB_RUNNING) | STEP(LSB_ENDED),
    [LSB_STARTING] = STEP(LSB_RUNNING) | STEP(LSB_ENDING),
    [LSB_RUNNING] = STEP(LSB_PAUSED) | STEP(LSB_ENDING) | STEP(LSB_ENDED),
    [LSB_PAUSED] = STEP(LSB_RUNNING) | STEP(LSB_ENDING) | STEP(LSB_ENDED),
    [LSB_ENDING] = STEP(LSB_ENDED),
    [LSB_ENDED] = 0,
};

void lsb_sandbox_set_state(LsbSandbox *sb, LsbState state)
{
    g_assert(steps[sb->state] & STEP(state));
    sb->state = state;
}

void lsb_sandbox_set_paused(LsbSandbox *sb, gboolean frozen)
{
    LsbState state = frozen ? LSB_PAUSED : LSB_RUNNING;
    if (lsb_sandbox_is_up(sb) && sb->state != state)
        lsb_sandbox_set_state(sb, state);
}

LsbState lsb_sandbox_state(const LsbSandbox *sb)
{
    return sb->state;
}

const char *lsb_sandbox_state_name(const LsbSandbox *sb)
{
    static const char *const names[] = {
        [LSB_NEW] = "new",       [LSB_STARTING] = "starting", [LSB_RUNNING] = "running",
        [LSB_PAUSED] = "paused", [LSB_ENDING] = "stopped",    [LSB_ENDED] = "stopped",
    };
    return names[sb->state];
}

gboolean lsb_sandbox_is_up(const LsbSandbox *sb)
{
    return sb->state == LSB_RUNNING || sb->state == LSB_PAUSED;
}

gboolean lsb_sandbox_is_stopped(gpointer data)
{
    const LsbSandbox *sb = data;
    return sb->state >= LSB_ENDING;
}

gboolean lsb_sandbox_ended(gpointer data)
{
    const LsbSandbox *sb = data;
    return sb->state == LSB_ENDED;
}

/* --- what a state allows --- */

gboolean lsb_sandbox_check_idle(const LsbSandbox *sb, GError **error)
{
    guint programs = lsb_session_count_running(sb->session);
    if (sb->state != LSB_RUNNING)
        return lsb_fail(error, STATE, "the sandbox is %s, not running", lsb_sandbox_state_name(sb));
    if (lsb_sandbox_is_saved_now(sb))
        return lsb_fail(error, STATE, "the sandbox is being saved already");
    if (programs > 0)
        return lsb_fail(error, STATE,
                        "the sandbox has %u program%s open: wait for them, or close them", programs,
                        programs == 1 ? "" : "s");
    return TRUE;
}

gboolean lsb_sandbox_check_spawn(const LsbSandbox *sb, GError **error)
{
    if (sb->attached.yes)
        return lsb_fail(error, UNSUPPORTED,
                        "the programs and files of sandbox %s are with the process that started it",
                        sb->d->name);
    if (sb->state == LSB_PAUSED)
        return lsb_fail(error, STATE, "the sandbox is paused");
    if (sb->state == LSB_RUNNING && lsb_sandbox_is_saved_now(sb))
        return lsb_fail(error, STATE, "the sandbox is being saved");
    if (sb->state == LSB_RUNNING)
        return TRUE;
    if (sb->end.reason) {
        g_propagate_error(error, g_error_copy(sb->end.reason));
        return FALSE;
    }
    return lsb_fail(error, STATE, "the sandbox is %s, not running", lsb_sandbox_state_name(sb));
}
