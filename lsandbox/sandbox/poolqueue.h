/* The requests for a pool's sandboxes, in the order of asking. */
#ifndef LSANDBOX_SANDBOX_POOLQUEUE_H
#define LSANDBOX_SANDBOX_POOLQUEUE_H

#include <glib.h>

#include "sandbox/pool_private.h"
#include "sandbox/sandbox.h"

/*
 * Ask for a sandbox. The answer, a sandbox or an error, has come when lsb_ask_answered() (an
 * LsbCondition) is TRUE. The caller frees the request by lsb_ask_free(), at any time; a sandbox
 * that the caller has not taken then goes back to the pool. The request holds a reference to the
 * pool.
 */
LsbAsk *lsb_pool_ask(LsbPool *pool);
gboolean lsb_ask_answered(gpointer ask);
void lsb_ask_free(LsbAsk *ask); /* NULL is fine */

/*
 * Whether a ready sandbox was promised to the request. The sandbox is being made fresh, which takes
 * a moment; where it dies meanwhile, the request goes back into the queue.
 */
gboolean lsb_ask_is_promised(const LsbAsk *ask);

/*
 * The answer, right after lsb_ask_answered() said TRUE: a sandbox, whose reference the caller owns.
 * The caller sets a listener and then calls lsb_sandbox_hand_over(). NULL with the error of a
 * start, LSB_ERROR_INVALID where the host has changed so that the recipe is wrong now,
 * LSB_ERROR_STOPPED when the pool was closed.
 */
LsbSandbox *lsb_ask_take(LsbAsk *ask, GError **error);

/* Take ASK out of the queue, and answer it with SLOT or with a copy of ERROR. */
void lsb_ask_answer(LsbAsk *ask, LsbSlot *slot, const GError *error);

/* Put the request that SLOT was promised to, where there is one, back into the queue. */
void lsb_ask_again(LsbSlot *slot);

#endif
