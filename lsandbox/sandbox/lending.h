/*
 * Sandboxes that a pool starts before anybody wants them: who uses a sandbox, from its start for
 * nobody, over its use, to its return to the pool.
 */
#ifndef LSANDBOX_SANDBOX_LENDING_H
#define LSANDBOX_SANDBOX_LENDING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 *            reserve (before the
 *            start), or give_back             freshen                FRESHENED
 *     IN_USE --------------------> RESERVED ----------> FRESHENING ------------> FRESH
 *        ^                                                                         |
 *        +-------------------------------------------------------------------------+
 *                                        hand_over
 *
 * freshen also leads from FRESH to FRESHENING, where the first request was withdrawn. A container
 * is FRESH at once, because it has the host's clock and random numbers.
 */
typedef enum {
    LSB_IN_USE,     /* its user has it, or will when it is started: its time limits count */
    LSB_RESERVED,   /* it starts, or waits, for a user who comes later */
    LSB_FRESHENING, /* the guest has not answered FRESHEN yet */
    LSB_FRESH,      /* it can be handed over */
} LsbUse;

/*
 * Before the start: the sandbox has no user until lsb_sandbox_hand_over(). Until then no program
 * may be run in it, and its timeout and idle_timeout do not count. Its listener hears STARTED when
 * the sandbox is ready to be handed over.
 */
void lsb_sandbox_reserve(LsbSandbox *sb);

/*
 * Whether it is ready, has no user, and is still alive at this moment. The kernel is asked, because
 * it may know of the guest's end before an event of the main context tells of it.
 */
gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb);

/*
 * Prepare a waiting sandbox for its user. A machine gets the host's time, right within 10 ms, and
 * new random numbers; its answer shows that it is alive. lsb_sandbox_is_fresh() turns TRUE, or the
 * sandbox is ended within 10 seconds.
 */
void lsb_sandbox_freshen(LsbSandbox *sb);
gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb);

/*
 * Give a fresh sandbox to its user, who has set a listener: the listener hears STARTED, and the
 * time limits begin to count.
 */
void lsb_sandbox_hand_over(LsbSandbox *sb);

/*
 * The user gives the sandbox back, and it waits for another user. Its time limits stop, and the
 * programs of the file service (watchers, operations on files) are ended. LSB_ERROR_STATE, and
 * nothing has changed, where a program is open in it, or it does not run.
 */
gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error);

/*
 * Besides the listener, which is the user's: call ON_ENDED(DATA, SB) once nothing of the sandbox is
 * left. NULL: nothing is called.
 */
typedef void (*LsbOnEnded)(gpointer data, LsbSandbox *sb);
void lsb_sandbox_set_on_ended(LsbSandbox *sb, LsbOnEnded on_ended, gpointer data);

/* Whether a user has it. */
gboolean lsb_sandbox_is_in_use(const LsbSandbox *sb);

/* The guest has answered FRESHEN, which was sent for a pool or because the machine was stopped. */
void lsb_sandbox_freshened(LsbSandbox *sb);

#endif
