/* The pool itself: its slots, the sandboxes that come back, and the recipes that it can have. */
#include "sandbox/pool.h"

#include "base/error.h"
#include "base/ownprocess.h"
#include "recipe/description.h"
#include "recipe/image.h"
#include "recipe/recipefile.h"
#include "recipe/value/value.h"
#include "sandbox/ending.h"
#include "sandbox/lending.h"
#include "sandbox/pool_private.h"
#include "sandbox/poolqueue.h"
#include "sandbox/pooltend.h"
#include "sandbox/sandbox.h"
#include "sandbox/states.h"

/* --- slots --- */

/* Free a slot, and end the sandbox that is still in it. */
static void slot_free(gpointer data)
{
    LsbSlot *slot = data;
    lsb_sandbox_abandon(slot->sb);
    g_free(slot);
}

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

/* --- the pool --- */

LsbPool *lsb_pool_new(const LsbDescription *d, guint size, gboolean reuse, GError **error)
{
    if (!lsb_pool_check_recipe(d, error))
        return NULL;
    LsbPool *pool = g_new0(LsbPool, 1);
    pool->refs = 1;
    pool->owner = lsb_process_owner();
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
    if (pool->closed || !lsb_process_is(pool->owner))
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
    if (!pool || --pool->refs > 0 || !lsb_process_is(pool->owner))
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

/* --- sandboxes that come back --- */

static void on_lent_ended(gpointer data, LsbSandbox *sb)
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
    lsb_sandbox_set_on_ended(sb, on_lent_ended, pool);
}

void lsb_pool_forget_lent(LsbPool *pool)
{
    for (guint i = 0; i < pool->lent->len; i++)
        lsb_sandbox_set_on_ended(pool->lent->pdata[i], NULL, NULL);
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

/* --- recipes that a pool can have --- */

static gboolean refuse_field(GError **error, const char *field, const char *expected,
                             const char *got)
{
    return lsb_fail(error, INVALID,
                    "%s: expected %s in a pool, whose sandboxes cannot share it, got %s", field,
                    expected, got);
}

/* Refuse a field that no pool may have, with the value GOT. NULL: the recipe does not have it. */
static gboolean check_absent(const char *field, const char *got, GError **error)
{
    g_autofree char *shown = got ? lsb_text_show(got) : NULL;
    return !got || refuse_field(error, field, "nothing", shown);
}

static gboolean check_pool_image(const char *list, guint number, const LsbImage *image,
                                 GError **error)
{
    g_autofree char *field = g_strdup_printf("%s[%u].readonly", list, number);
    return image->readonly || refuse_field(error, field, "true", "false");
}

static gboolean check_pool_mount(const LsbMount *m, GError **error)
{
    g_autofree char *upper = g_strdup_printf("mounts[%u].upper", m->number);
    return check_absent(upper, m->upper, error) &&
           (m->type != LSB_MOUNT_IMAGE || check_pool_image("mounts", m->number, &m->image, error));
}

gboolean lsb_pool_check_recipe(const LsbDescription *d, GError **error)
{
    gboolean ok = check_absent("name", lsb_value_get(d->recipe, "name") ? d->name : NULL, error) &&
                  check_absent("overlay", d->overlay, error) &&
                  check_absent("graphics.socket", d->graphics.socket, error);
    for (guint i = 0; ok && i < d->mounts->len; i++)
        ok = check_pool_mount(d->mounts->pdata[i], error);
    for (guint i = 0; ok && i < d->disks->len; i++)
        ok = check_pool_image("disks", i + 1, &((LsbDisk *)d->disks->pdata[i])->image, error);
    return ok;
}
