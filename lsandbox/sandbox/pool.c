#include "sandbox/pool_private.h"

#include "base/error.h"
#include "recipe/recipefile.h"

/* --- slots -------------------------------------------------------------------------------------
 */

/* Ends what is still in it. */
static void slot_free(gpointer data)
{
    LsbSlot *slot = data;
    lsb_sandbox_abandon(slot->sb);
    g_free(slot);
}

/* Nobody's, and may be given to somebody. */
gboolean lsb_slot_is_free(const LsbSlot *slot)
{
    return !slot->ask && lsb_sandbox_is_waiting(slot->sb);
}

guint lsb_pool_count_starting(const LsbPool *pool)
{
    guint n = 0;
    for (guint i = 0; i < pool->slots->len; i++)
        n += lsb_sandbox_state(((LsbSlot *)pool->slots->pdata[i])->sb) == LSB_STARTING;
    return n;
}

/* --- the pool ----------------------------------------------------------------------------------
 */

LsbPool *lsb_pool_new(const LsbDescription *d, guint size, gboolean reuse, GError **error)
{
    if (!lsb_pool_check_recipe(d, error))
        return NULL;
    LsbPool *pool = g_new0(LsbPool, 1);
    pool->refs = 1;
    pool->recipe = lsb_saved_recipe(d);
    pool->size = size;
    pool->reuse = reuse;
    pool->lent = g_ptr_array_new_with_free_func((GDestroyNotify)lsb_sandbox_unref);
    pool->slots = g_ptr_array_new_with_free_func(slot_free);
    lsb_pool_tend(pool);
    return pool;
}

void lsb_pool_close_begin(LsbPool *pool)
{
    if (pool->closed)
        return;
    pool->closed = TRUE;
    lsb_pool_forget_lent(pool);
    g_clear_handle_id(&pool->tending, g_source_remove);
    g_clear_handle_id(&pool->retry_timer, g_source_remove);
    for (guint i = 0; i < pool->slots->len; i++) {
        LsbSlot *slot = pool->slots->pdata[i];
        lsb_ask_again(slot);
        lsb_sandbox_set_listener(slot->sb, NULL, NULL);
        lsb_sandbox_destroy_begin(slot->sb);
    }
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the pool was closed meanwhile");
    while (pool->asks.head)
        lsb_ask_answer(pool->asks.head->data, NULL, error);
}

gboolean lsb_pool_is_closed(const LsbPool *pool)
{
    return pool->closed;
}

gboolean lsb_pool_ended(gpointer data)
{
    const LsbPool *pool = data;
    for (guint i = 0; i < pool->slots->len; i++)
        if (!lsb_sandbox_ended(((LsbSlot *)pool->slots->pdata[i])->sb))
            return FALSE;
    return pool->closed;
}

void lsb_pool_unref(LsbPool *pool)
{
    if (!pool || --pool->refs > 0)
        return;
    lsb_pool_close_begin(pool);
    g_ptr_array_unref(pool->slots);
    g_ptr_array_unref(pool->lent);
    g_clear_error(&pool->error);
    lsb_value_free(pool->recipe);
    g_free(pool);
}

LsbPoolStats lsb_pool_stats(const LsbPool *pool)
{
    LsbPoolStats stats = {.size = pool->size,
                          .starting = lsb_pool_count_starting(pool),
                          .asking = pool->asks.length,
                          .lent = pool->lent->len,
                          .taken = pool->taken};
    for (guint i = 0; i < pool->slots->len; i++)
        stats.ready += lsb_slot_is_free(pool->slots->pdata[i]);
    return stats;
}

const GError *lsb_pool_error(const LsbPool *pool)
{
    return pool->error;
}
