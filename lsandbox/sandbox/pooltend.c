/*
 * Keeping a pool full. Every event (a sandbox is ready or has ended, a request comes or goes, a
 * back-off is over) only makes lsb_pool_tend() run, which looks at the whole pool, answers
 * requests, and starts what is missing.
 */
#include "sandbox/pooltend.h"

#include "base/ownprocess.h"
#include "recipe/description.h"
#include "sandbox/lending.h"
#include "sandbox/pool_private.h"
#include "sandbox/poolqueue.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"
#include "sandbox/states.h"

enum {
    STARTS_PER_PROCESSOR = 2, /* at once; more of them only slow each other down */
    FIRST_BACKOFF_MS = 100,
    LONGEST_BACKOFF_MS = 30 * 1000,
};

/* --- what happens --- */

static gboolean on_tending(gpointer data)
{
    LsbPool *pool = data;
    pool->tending = 0;
    lsb_pool_tend(pool);
    return G_SOURCE_REMOVE;
}

void lsb_pool_tend_soon(LsbPool *pool)
{
    if (!pool->closed && !pool->tending)
        pool->tending = g_idle_add_full(G_PRIORITY_DEFAULT, on_tending, pool, NULL);
}

static gboolean on_retry(gpointer data)
{
    LsbPool *pool = data;
    pool->retry_timer = 0;
    lsb_pool_tend(pool);
    return G_SOURCE_REMOVE;
}

static void on_event(gpointer data, const LsbSandboxEvent *event)
{
    LsbSlot *slot = data;
    if (event->kind == LSB_EVENT_STARTED) {
        slot->ready = TRUE;
        g_clear_error(&slot->pool->error);
    }
    if (event->kind == LSB_EVENT_STARTED || event->kind == LSB_EVENT_STOPPED)
        lsb_pool_tend_soon(slot->pool);
}

/* --- tending --- */

/*
 * Note that a start has failed with ERROR, which is taken over, or (NULL) that a sandbox that was
 * ready has died, and back off. Failures during a back-off are counted as one, because a libvirtd
 * that dies takes all sandboxes with it.
 */
static void note_start_failure(LsbPool *pool, GError *error)
{
    gint64 now = g_get_monotonic_time();
    if (error) {
        g_clear_error(&pool->error);
        pool->error = error;
    }
    if (now < pool->retry_at)
        return;
    gint64 backoff = (gint64)FIRST_BACKOFF_MS << MIN(pool->failures, 16);
    pool->failures++;
    pool->retry_at = now + MIN(backoff, LONGEST_BACKOFF_MS) * 1000;
}

/* Put each request whose promised sandbox has ended, or is ending, back into the queue. */
static void ask_for_dead(LsbPool *pool)
{
    for (guint i = 0; i < pool->slots->len; i++) {
        LsbSlot *slot = pool->slots->pdata[i];
        if (lsb_sandbox_is_stopped(slot->sb))
            lsb_ask_again(slot);
    }
}

/* Drop one slot whose sandbox has ended. FALSE: there is no such slot. */
static gboolean drop_ended(LsbPool *pool)
{
    guint i = 0;
    while (i < pool->slots->len && !lsb_sandbox_ended(((LsbSlot *)pool->slots->pdata[i])->sb))
        i++;
    if (i == pool->slots->len)
        return FALSE;
    LsbSlot *slot = pool->slots->pdata[i];
    GError *error = NULL;
    if (!slot->ready)
        lsb_sandbox_start_result(slot->sb, &error);
    note_start_failure(pool, error);
    g_ptr_array_remove_index(pool->slots, i);
    return TRUE;
}

static void answer_asks(LsbPool *pool)
{
    for (guint i = 0; i < pool->slots->len && pool->asks.head; i++) {
        LsbSlot *slot = pool->slots->pdata[i];
        if (lsb_slot_is_free(slot))
            lsb_ask_answer(pool->asks.head->data, slot, NULL);
    }
}

/*
 * Answer one request with the error of the last failed start, where more requests wait than starts
 * are under way.
 */
static void tell_failure(LsbPool *pool)
{
    if (!pool->error || pool->asks.length <= lsb_pool_count_starting(pool))
        return;
    lsb_ask_answer(pool->asks.head->data, NULL, pool->error);
    g_clear_error(&pool->error);
}

static gboolean has_room(const LsbPool *pool)
{
    return pool->slots->len + pool->lent->len < pool->size;
}

static gboolean may_start(const LsbPool *pool)
{
    guint starting = lsb_pool_count_starting(pool);
    return has_room(pool) && starting < STARTS_PER_PROCESSOR * g_get_num_processors() &&
           (pool->asks.length > starting || g_get_monotonic_time() >= pool->retry_at);
}

LsbSlot *lsb_pool_add(LsbPool *pool, LsbSandbox *sb)
{
    LsbSlot *slot = g_new0(LsbSlot, 1);
    slot->pool = pool;
    slot->sb = sb;
    g_ptr_array_add(pool->slots, slot);
    lsb_sandbox_set_listener(sb, on_event, slot);
    return slot;
}

static gboolean start_slot(LsbPool *pool, GError **error)
{
    LsbDescription *d = lsb_description_new(pool->recipe, error);
    if (!d)
        return FALSE;
    LsbSlot *slot = lsb_pool_add(pool, lsb_sandbox_new(d));
    lsb_sandbox_reserve(slot->sb);
    return lsb_sandbox_start_begin(slot->sb, error);
}

static void refill(LsbPool *pool)
{
    while (may_start(pool)) {
        GError *error = NULL;
        if (start_slot(pool, &error)) /* whether it succeeds is known later */
            continue;
        note_start_failure(pool, error);
        tell_failure(pool);
    }
}

/* No event wakes the pool when its back-off is over, so set a timer for that moment. */
static void set_retry_timer(LsbPool *pool)
{
    gint64 left = pool->retry_at - g_get_monotonic_time();
    g_clear_handle_id(&pool->retry_timer, g_source_remove);
    if (has_room(pool) && left > 0)
        pool->retry_timer = g_timeout_add((guint)(left / 1000 + 1), on_retry, pool);
}

void lsb_pool_tend(LsbPool *pool)
{
    if (pool->closed || !lsb_process_is(pool->owner))
        return;
    ask_for_dead(pool);
    do { /* one slot at a time, so that each failure can answer a request of its own */
        answer_asks(pool);
        tell_failure(pool);
    } while (drop_ended(pool));
    refill(pool);
    set_retry_timer(pool);
}
