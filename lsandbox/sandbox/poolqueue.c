/* The requests for a pool's sandboxes, in the order of asking. */
#include "sandbox/poolqueue.h"

#include "base/error.h"
#include "sandbox/lending.h"
#include "sandbox/pool_private.h"
#include "sandbox/pooltend.h"
#include "sandbox/sandbox.h"

/* Put ASK into the queue by its number, so that one that was in the queue gets its old place. */
static void enqueue(LsbAsk *ask)
{
    GList *before = ask->pool->asks.head;
    while (before && ((LsbAsk *)before->data)->number < ask->number)
        before = before->next;
    ask->link.data = ask;
    ask->queued = TRUE;
    if (before)
        g_queue_insert_before_link(&ask->pool->asks, before, &ask->link);
    else
        g_queue_push_tail_link(&ask->pool->asks, &ask->link);
}

void lsb_ask_answer(LsbAsk *ask, LsbSlot *slot, const GError *error)
{
    g_queue_unlink(&ask->pool->asks, &ask->link);
    ask->queued = FALSE;
    ask->slot = slot;
    ask->error = error ? g_error_copy(error) : NULL;
    if (!slot)
        return;
    slot->ask = ask;
    lsb_sandbox_freshen(slot->sb);
}

void lsb_ask_again(LsbSlot *slot)
{
    LsbAsk *ask = g_steal_pointer(&slot->ask);
    if (!ask)
        return;
    ask->slot = NULL;
    enqueue(ask);
}

/* --- asking --- */

LsbAsk *lsb_pool_ask(LsbPool *pool)
{
    LsbAsk *ask = g_new0(LsbAsk, 1);
    ask->pool = pool;
    ask->number = ++pool->last_ask;
    pool->refs++;
    if (pool->closed) {
        lsb_fail(&ask->error, STOPPED, "the pool is closed");
        return ask;
    }
    enqueue(ask);
    lsb_pool_tend(pool);
    return ask;
}

gboolean lsb_ask_answered(gpointer data)
{
    const LsbAsk *ask = data;
    return ask->error || (ask->slot && lsb_sandbox_is_fresh(ask->slot->sb));
}

gboolean lsb_ask_is_promised(const LsbAsk *ask)
{
    return ask->slot != NULL;
}

LsbSandbox *lsb_ask_take(LsbAsk *ask, GError **error)
{
    LsbPool *pool = ask->pool;
    LsbSlot *slot = g_steal_pointer(&ask->slot);
    if (!slot) {
        g_propagate_error(error, g_error_copy(ask->error));
        return NULL;
    }
    LsbSandbox *sb = g_steal_pointer(&slot->sb);
    lsb_sandbox_set_listener(sb, NULL, NULL);
    g_ptr_array_remove(pool->slots, slot);
    pool->taken++;
    pool->failures = 0;
    lsb_pool_lend(pool, sb);
    lsb_pool_tend_soon(pool);
    return sb;
}

void lsb_ask_free(LsbAsk *ask)
{
    if (!ask)
        return;
    if (ask->queued)
        g_queue_unlink(&ask->pool->asks, &ask->link);
    if (ask->slot) {
        ask->slot->ask = NULL;
        lsb_pool_tend_soon(ask->pool);
    }
    g_clear_error(&ask->error);
    lsb_pool_unref(ask->pool);
    g_free(ask);
}
