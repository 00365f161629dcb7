/* TODO: say what poolqueue is about. */
#ifndef LSANDBOX_SANDBOX_POOLQUEUE_H
#define LSANDBOX_SANDBOX_POOLQUEUE_H

#include <glib.h>

#include "sandbox/pool_private.h"
#include "sandbox/sandbox.h"

/*
 * Ask for a sandbox. It is there when lsb_ask_answered() is TRUE (a condition for
 * lsb_wait_until()); what is there may also be an error. The ask holds the pool, and is the
 * caller's: lsb_ask_free() at any time, which gives back what was not taken.
 */
LsbAsk *lsb_pool_ask(LsbPool *pool);
gboolean lsb_ask_answered(gpointer ask);
void lsb_ask_free(LsbAsk *ask); /* NULL is fine */

/* Whether the sandbox that it will get was ready: it is only made fresh, which takes a moment. It may
 * still die, and the promise is then off. */
gboolean lsb_ask_is_promised(const LsbAsk *ask);

/*
 * The sandbox, at the moment when lsb_ask_answered() said TRUE: the caller's, who sets a listener
 * and then calls lsb_sandbox_hand_over(). NULL: the error of the start, LSB_ERROR_INVALID where the
 * host has changed and the recipe is wrong by now, LSB_ERROR_STOPPED when the pool was closed.
 */
LsbSandbox *lsb_ask_take(LsbAsk *ask, GError **error);

/* Take ASK, which is in the queue, out of it, with SLOT or a copy of ERROR. */
void lsb_ask_answer(LsbAsk *ask, LsbSlot *slot, const GError *error);

/* Who was to get SLOT, if anybody, waits again. */
void lsb_ask_again(LsbSlot *slot);

#endif
