/*
 * Where a sandbox's use begins: at its start, or, where it was started for somebody who comes later,
 * when it is handed over.
 */
#include "sandbox/lending.h"

#include "base/error.h"
#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/timeouts.h"
#include "session/session.h"

/* --- the use --- */

void lsb_sandbox_hold(LsbSandbox *sb)
{
    sb->held = TRUE;
}

gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb)
{
    return sb->held && sb->state == LSB_RUNNING && !lsb_session_hung_up(sb->session);
}

void lsb_sandbox_hand_over(LsbSandbox *sb)
{
    sb->held = FALSE;
    lsb_sandbox_begin_use(sb);
}

void lsb_sandbox_set_lender(LsbSandbox *sb, LsbLender lender, gpointer data)
{
    sb->lender = lender;
    sb->lender_data = data;
}

gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error)
{
    if (!lsb_sandbox_check_idle(sb, error))
        return FALSE;
    lsb_session_end_services(sb->session);
    g_clear_handle_id(&sb->life_timer, g_source_remove);
    g_clear_handle_id(&sb->idle_timer, g_source_remove);
    lsb_sandbox_set_lender(sb, NULL, NULL);
    sb->held = TRUE;
    sb->fresh = FALSE;
    return TRUE;
}

/* --- what has waited is made fresh --- */

enum { ANSWER_TIMEOUT_S = 10 };

static gboolean on_no_answer(gpointer data)
{
    LsbSandbox *sb = data;
    sb->fresh_timer = 0;
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the machine has waited, and answers no more");
    lsb_sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

void lsb_sandbox_freshen(LsbSandbox *sb)
{
    sb->fresh = sb->d->kind == LSB_CONTAINER; /* it has the host's */
    if (sb->fresh || sb->fresh_timer)
        return;
    sb->fresh_timer = g_timeout_add_seconds(ANSWER_TIMEOUT_S, on_no_answer, sb);
    lsb_session_freshen(sb->session);
}

gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb)
{
    return sb->fresh && lsb_sandbox_is_waiting(sb);
}

void lsb_sandbox_freshened(LsbSandbox *sb)
{
    g_clear_handle_id(&sb->fresh_timer, g_source_remove);
    sb->fresh = TRUE;
}
