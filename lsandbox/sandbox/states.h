/*
 * The states of a sandbox, what leads from one to the next, and what a state allows.
 *
 *             start_begin           READY              pause
 *     NEW -----------------> STARTING ------> RUNNING <------> PAUSED
 *      |                         |               |    resume     |
 *      | destroy                 | fails, or     | ends by itself, by a limit,
 *      |                         | is destroyed  | or is destroyed
 *      |                         v               v               |
 *      |                      ENDING <-----------+---------------+
 *      |                         |
 *      v                         | nothing of the domain is left
 *    ENDED <---------------------+
 *
 * A sandbox that another process may have started is attached: it goes from NEW to RUNNING, and to
 * ENDED at once when this process only lets go of it. Two more things have states of their own
 * while a sandbox is RUNNING: who uses it (LsbUse of lending.h), and a saving (saving.c).
 */
#ifndef LSANDBOX_SANDBOX_STATES_H
#define LSANDBOX_SANDBOX_STATES_H

#include <glib.h>

#include "sandbox/sandbox.h"

/* The only function that changes the state. Asserts that the drawing above has the step. */
void lsb_sandbox_set_state(LsbSandbox *sb, LsbState state);

/* Make SB PAUSED where FROZEN, else RUNNING. Does nothing where the guest is not up. */
void lsb_sandbox_set_paused(LsbSandbox *sb, gboolean frozen);

/* The present state. */
LsbState lsb_sandbox_state(const LsbSandbox *sb);
/* "new", "starting", "running", "paused", or "stopped" for both of the last two. Static. */
const char *lsb_sandbox_state_name(const LsbSandbox *sb);
/* Whether it is running or paused: its guest is there. */
gboolean lsb_sandbox_is_up(const LsbSandbox *sb);
/* LsbCondition: the sandbox is ENDING or ENDED. */
gboolean lsb_sandbox_is_stopped(gpointer sb);
/* LsbCondition: the sandbox is ENDED, so nothing of it is left. */
gboolean lsb_sandbox_ended(gpointer sb);

/*
 * Whether SB is RUNNING, no program is open in it, and it is not being saved. FALSE with
 * LSB_ERROR_STATE.
 */
gboolean lsb_sandbox_check_idle(const LsbSandbox *sb, GError **error);

/*
 * Whether programs may be spawned now. FALSE with LSB_ERROR_STATE, with LSB_ERROR_UNSUPPORTED where
 * SB is attached, or with the reason for which SB has ended.
 */
gboolean lsb_sandbox_check_spawn(const LsbSandbox *sb, GError **error);

#endif
