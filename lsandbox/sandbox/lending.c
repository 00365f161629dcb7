/* Who uses a sandbox that a pool has started before anybody wanted it. */
#include "sandbox/lending.h"

#include "base/error.h"
#include "recipe/driver.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/states.h"
#include "sandbox/timeouts.h"
#include "session/session.h"

/* --- the user --- */

#define STEP(use) (1u << (use))

/* The only function that changes the use. Asserts that the drawing of lending.h has the step. */
static void set_use(LsbSandbox *sb, LsbUse use)
{
    static const guint steps[] = {
        [LSB_IN_USE] = STEP(LSB_RESERVED),
        [LSB_RESERVED] = STEP(LSB_FRESHENING) | STEP(LSB_FRESH),
        [LSB_FRESHENING] = STEP(LSB_FRESH),
        [LSB_FRESH] = STEP(LSB_IN_USE) | STEP(LSB_FRESHENING) | STEP(LSB_FRESH),
    };
    g_assert(steps[sb->lending.use] & STEP(use));
    sb->lending.use = use;
}

void lsb_sandbox_reserve(LsbSandbox *sb)
{
    set_use(sb, LSB_RESERVED);
}

gboolean lsb_sandbox_is_in_use(const LsbSandbox *sb)
{
    return sb->lending.use == LSB_IN_USE;
}

gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb)
{
    return !lsb_sandbox_is_in_use(sb) && lsb_sandbox_is_up(sb) && !lsb_session_hung_up(sb->session);
}

void lsb_sandbox_hand_over(LsbSandbox *sb)
{
    set_use(sb, LSB_IN_USE);
    lsb_sandbox_begin_use(sb);
}

void lsb_sandbox_set_on_ended(LsbSandbox *sb, LsbOnEnded on_ended, gpointer data)
{
    sb->lending.on_ended = on_ended;
    sb->lending.data = data;
}

gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error)
{
    if (!lsb_sandbox_check_idle(sb, error))
        return FALSE;
    lsb_session_end_services(sb->session);
    lsb_sandbox_end_use(sb);
    lsb_sandbox_set_on_ended(sb, NULL, NULL);
    set_use(sb, LSB_RESERVED);
    return TRUE;
}

/* --- before the next user --- */

enum { ANSWER_TIMEOUT_S = 10 };

static gboolean on_no_answer(gpointer data)
{
    LsbSandbox *sb = data;
    sb->timers.fresh = 0;
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the waiting machine no longer answers");
    lsb_sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

void lsb_sandbox_freshen(LsbSandbox *sb)
{
    if (sb->lending.use == LSB_FRESHENING)
        return;
    set_use(sb, sb->d->kind == LSB_CONTAINER ? LSB_FRESH : LSB_FRESHENING);
    if (sb->lending.use == LSB_FRESH)
        return;
    sb->timers.fresh = g_timeout_add_seconds(ANSWER_TIMEOUT_S, on_no_answer, sb);
    lsb_session_freshen(sb->session);
}

gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb)
{
    return sb->lending.use == LSB_FRESH && lsb_sandbox_is_waiting(sb);
}

void lsb_sandbox_freshened(LsbSandbox *sb)
{
    if (sb->lending.use != LSB_FRESHENING)
        return;
    g_clear_handle_id(&sb->timers.fresh, g_source_remove);
    set_use(sb, LSB_FRESH);
}
