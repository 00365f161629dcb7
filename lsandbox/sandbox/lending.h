/*
 * Lending: a pool starts a sandbox before a user wants it, hands it over to one, and may get it
 * back. LsbUse says where in this circle a sandbox is.
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
 * Whether the sandbox is ready, has no user, and is still alive at this moment. Looks at the
 * relay's socket, because the guest may have hung up although the main context has not yet said so.
 */
gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb);

/*
 * Prepare a waiting sandbox for its user. A machine gets the host's time, right within 10 ms, and
 * new random numbers; its answer shows that it is alive. lsb_sandbox_is_fresh() turns TRUE, or the
 * sandbox is ended within 10 seconds.
 */
void lsb_sandbox_freshen(LsbSandbox *sb);
/* Whether the sandbox is FRESH, so that it can be handed over. */
gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb);

/*
 * Give a FRESH sandbox to its user, who has set a listener: the listener hears STARTED, and the
 * time limits begin to count.
 */
void lsb_sandbox_hand_over(LsbSandbox *sb);

/*
 * The user gives the sandbox back, and it waits for another user. Its time limits stop, and the
 * programs of the file service (watchers, operations on files) are ended. FALSE with
 * LSB_ERROR_STATE, and nothing has changed, where a program is open in it, or it does not run.
 */
gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error);

/*
 * Have ON_ENDED(DATA, SB) called once nothing of the sandbox is left; NULL: nothing is called. This
 * is for the pool; the listener is the user's.
 */
typedef void (*LsbOnEnded)(gpointer data, LsbSandbox *sb);
void lsb_sandbox_set_on_ended(LsbSandbox *sb, LsbOnEnded on_ended, gpointer data);

/* Whether a user has the sandbox (IN_USE). */
gboolean lsb_sandbox_is_in_use(const LsbSandbox *sb);

/*
 * To be called when the guest has answered FRESHEN, which was sent for a pool, where the sandbox
 * becomes FRESH, or because the machine was stopped.
 */
void lsb_sandbox_freshened(LsbSandbox *sb);

#endif
