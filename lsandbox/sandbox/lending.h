/*
 * Where a sandbox's use begins: at its start, or, where it was started for somebody who comes later,
 * when it is handed over.
 */
#ifndef LSANDBOX_SANDBOX_LENDING_H
#define LSANDBOX_SANDBOX_LENDING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Before the start: its user comes later, by lsb_sandbox_hand_over(). Until then nothing is to be
 * run in it, and its timeout and idle_timeout have not begun. The listener of that time hears
 * STARTED when it waits.
 */
void lsb_sandbox_hold(LsbSandbox *sb);

/* Whether it is held and ready, and still alive at this moment: its end may be known to the kernel
 * before an event tells of it. */
gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb);

/*
 * Of one that waits: give a machine the host's time, right within 10 ms, and new random numbers, and
 * hear that it is still there. lsb_sandbox_is_fresh() turns TRUE, or it ends, within seconds.
 */
void lsb_sandbox_freshen(LsbSandbox *sb);
gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb);

/* It is its user's now, who has set a listener, which hears STARTED (again). Only one that is
 * fresh. */
void lsb_sandbox_hand_over(LsbSandbox *sb);

/*
 * Its user gives it back: it waits again, for another one. Its time limits end, and so does what
 * watches or moves its files. LSB_ERROR_STATE, and nothing has changed, where a program is open in it,
 * or it does not run.
 */
gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error);
void lsb_sandbox_set_lender(LsbSandbox *sb, LsbLender lender, gpointer data);

/* The guest has answered FRESHEN. */
void lsb_sandbox_freshened(LsbSandbox *sb);

#endif
