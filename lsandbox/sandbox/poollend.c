#include "sandbox/pool_private.h"

#include "base/error.h"

static void on_ended(gpointer data, LsbSandbox *sb)
{
    LsbPool *pool = data;
    g_ptr_array_remove(pool->lent, sb);
    lsb_pool_tend_soon(pool);
}

void lsb_pool_lend(LsbPool *pool, LsbSandbox *sb)
{
    if (!pool->reuse || pool->closed)
        return;
    g_ptr_array_add(pool->lent, lsb_sandbox_ref(sb));
    lsb_sandbox_set_lender(sb, on_ended, pool);
}

/* They are their takers', who will end them. */
void lsb_pool_forget_lent(LsbPool *pool)
{
    for (guint i = 0; i < pool->lent->len; i++)
        lsb_sandbox_set_lender(pool->lent->pdata[i], NULL, NULL);
    g_ptr_array_set_size(pool->lent, 0);
}

gboolean lsb_pool_has_lent(const LsbPool *pool, const LsbSandbox *sb)
{
    return g_ptr_array_find(pool->lent, sb, NULL);
}

void lsb_pool_give(LsbPool *pool, LsbSandbox *sb)
{
    lsb_pool_add(pool, sb)->ready = TRUE;
    g_ptr_array_remove(pool->lent, sb);
    lsb_pool_tend(pool);
}
