/*
 * Everything that happens (a sandbox is ready or has ended, somebody asks or gives up, time has
 * passed) only makes lsb_pool_tend() run, which looks at all of it and does what is to be done.
 */
#include "sandbox/pooltend.h"

#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/lending.h"
#include "sandbox/pool_private.h"
#include "sandbox/poolqueue.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"

enum {
    STARTS_PER_PROCESSOR = 2, /* at once: more only take each other's time */
    FIRST_PAUSE_MS = 100,
    LONGEST_PAUSE_MS = 30 * 1000,
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
 * Takes ERROR, which may be NULL: a sandbox that was ready has died. What fails at once, say all that
 * a libvirtd took with it, is one failure.
 */
static void note_failure(LsbPool *pool, GError *error)
{
    gint64 now = g_get_monotonic_time();
    if (error) {
        g_clear_error(&pool->error);
        pool->error = error;
    }
    if (now < pool->retry_at)
        return;
    gint64 pause = (gint64)FIRST_PAUSE_MS << MIN(pool->failures, 16);
    pool->failures++;
    pool->retry_at = now + MIN(pause, LONGEST_PAUSE_MS) * 1000;
}

/* Who was to get one that has died, or is dying, waits again. */
static void ask_for_dead(LsbPool *pool)
{
    for (guint i = 0; i < pool->slots->len; i++) {
        LsbSlot *slot = pool->slots->pdata[i];
        if (lsb_sandbox_is_stopped(slot->sb))
            lsb_ask_again(slot);
    }
}

/* One of which nothing is left; FALSE: there is none. */
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
    note_failure(pool, error);
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

/* Those for whom no start is under way hear why, each of a failure of its own. */
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

static gboolean start(LsbPool *pool, GError **error)
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
        if (start(pool, &error)) /* it has succeeded when it is ready */
            continue;
        note_failure(pool, error);
        tell_failure(pool);
    }
}

/* What has waited for a pause, and nothing else, makes nothing happen. */
static void set_retry_timer(LsbPool *pool)
{
    gint64 left = pool->retry_at - g_get_monotonic_time();
    g_clear_handle_id(&pool->retry_timer, g_source_remove);
    if (has_room(pool) && left > 0)
        pool->retry_timer = g_timeout_add((guint)(left / 1000 + 1), on_retry, pool);
}

void lsb_pool_tend(LsbPool *pool)
{
    if (pool->closed)
        return;
    ask_for_dead(pool);
    do { /* one after the other, so that each failure can be told to somebody */
        answer_asks(pool);
        tell_failure(pool);
    } while (drop_ended(pool));
    refill(pool);
    set_retry_timer(pool);
}
