/*
 * Everything that happens (a sandbox is ready or has ended, somebody asks or gives up, time has
 * passed) only makes tend() run, which looks at all of it and does what is to be done.
 */
#include "pool.h"

#include "error.h"
#include "saved.h"

enum {
    STARTS_PER_PROCESSOR = 2, /* at once: more only take each other's time */
    FIRST_PAUSE_MS = 100,
    LONGEST_PAUSE_MS = 30 * 1000,
};

/* A sandbox that was not taken. */
typedef struct {
    LsbPool *pool;
    LsbSandbox *sb;
    gboolean ready; /* has been */
    LsbAsk *ask;    /* for whom it is kept; NULL: nobody */
} Slot;

struct _LsbAsk {
    LsbPool *pool;
    guint64 number;
    GList link;      /* in pool->asks */
    gboolean queued; /* it is there, and has no answer */
    Slot *slot;
    GError *error;
};

struct _LsbPool {
    int refs;
    LsbValue *recipe;
    guint size;
    GPtrArray *slots; /* Slot, the oldest first */
    GQueue asks;      /* of LsbAsk.link, by number */
    guint64 last_ask, taken;
    GError *error;   /* of a start that failed, until somebody is told */
    guint failures;  /* since the last that was taken */
    gint64 retry_at; /* g_get_monotonic_time(): no start before that, unless somebody asks */
    guint tending, retry_timer; /* sources */
    gboolean closed;
};

static void tend(LsbPool *pool);

/* --- what happens ------------------------------------------------------------------------------
 */

static gboolean on_tending(gpointer data)
{
    LsbPool *pool = data;
    pool->tending = 0;
    tend(pool);
    return G_SOURCE_REMOVE;
}

static void tend_soon(LsbPool *pool)
{
    if (!pool->closed && !pool->tending)
        pool->tending = g_idle_add_full(G_PRIORITY_DEFAULT, on_tending, pool, NULL);
}

static gboolean on_retry(gpointer data)
{
    LsbPool *pool = data;
    pool->retry_timer = 0;
    tend(pool);
    return G_SOURCE_REMOVE;
}

static void on_event(gpointer data, const LsbSandboxEvent *event)
{
    Slot *slot = data;
    if (event->kind == LSB_EVENT_STARTED) {
        slot->ready = TRUE;
        g_clear_error(&slot->pool->error);
    }
    if (event->kind == LSB_EVENT_STARTED || event->kind == LSB_EVENT_STOPPED)
        tend_soon(slot->pool);
}

/* --- slots -------------------------------------------------------------------------------------
 */

/* Ends what is still in it. */
static void slot_free(gpointer data)
{
    Slot *slot = data;
    lsb_sandbox_abandon(slot->sb);
    g_free(slot);
}

/* Nobody's, and may be given to somebody. */
static gboolean is_free(const Slot *slot)
{
    return !slot->ask && lsb_sandbox_is_waiting(slot->sb);
}

static guint count_starting(const LsbPool *pool)
{
    guint n = 0;
    for (guint i = 0; i < pool->slots->len; i++)
        n += lsb_sandbox_state(((Slot *)pool->slots->pdata[i])->sb) == LSB_STARTING;
    return n;
}

/* --- asks --------------------------------------------------------------------------------------
 */

/* Where it was, if it has been in the queue before. */
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

static void answer(LsbAsk *ask, Slot *slot, const GError *error)
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

static void ask_again(Slot *slot)
{
    LsbAsk *ask = g_steal_pointer(&slot->ask);
    if (!ask)
        return;
    ask->slot = NULL;
    enqueue(ask);
}

/* --- tending -----------------------------------------------------------------------------------
 */

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
        Slot *slot = pool->slots->pdata[i];
        if (lsb_sandbox_state(slot->sb) == LSB_STOPPED)
            ask_again(slot);
    }
}

/* One of which nothing is left; FALSE: there is none. */
static gboolean drop_ended(LsbPool *pool)
{
    guint i = 0;
    while (i < pool->slots->len && !lsb_sandbox_ended(((Slot *)pool->slots->pdata[i])->sb))
        i++;
    if (i == pool->slots->len)
        return FALSE;
    Slot *slot = pool->slots->pdata[i];
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
        Slot *slot = pool->slots->pdata[i];
        if (is_free(slot))
            answer(pool->asks.head->data, slot, NULL);
    }
}

/* Those for whom no start is under way hear why, each of a failure of its own. */
static void tell_failure(LsbPool *pool)
{
    if (!pool->error || pool->asks.length <= count_starting(pool))
        return;
    answer(pool->asks.head->data, NULL, pool->error);
    g_clear_error(&pool->error);
}

static gboolean may_start(const LsbPool *pool)
{
    guint starting = count_starting(pool);
    return pool->slots->len < pool->size &&
           starting < STARTS_PER_PROCESSOR * g_get_num_processors() &&
           (pool->asks.length > starting || g_get_monotonic_time() >= pool->retry_at);
}

static gboolean start(LsbPool *pool, GError **error)
{
    LsbDescription *d = lsb_description_new(pool->recipe, error);
    if (!d)
        return FALSE;
    Slot *slot = g_new0(Slot, 1);
    slot->pool = pool;
    slot->sb = lsb_sandbox_new(d);
    g_ptr_array_add(pool->slots, slot);
    lsb_sandbox_hold(slot->sb);
    lsb_sandbox_set_listener(slot->sb, on_event, slot);
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
    if (pool->slots->len < pool->size && left > 0)
        pool->retry_timer = g_timeout_add((guint)(left / 1000 + 1), on_retry, pool);
}

static void tend(LsbPool *pool)
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

/* --- asking ------------------------------------------------------------------------------------
 */

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
    tend(pool);
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
    Slot *slot = g_steal_pointer(&ask->slot);
    if (!slot) {
        g_propagate_error(error, g_error_copy(ask->error));
        return NULL;
    }
    LsbSandbox *sb = g_steal_pointer(&slot->sb);
    lsb_sandbox_set_listener(sb, NULL, NULL);
    g_ptr_array_remove(pool->slots, slot);
    pool->taken++;
    pool->failures = 0;
    tend_soon(pool);
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
        tend_soon(ask->pool);
    }
    g_clear_error(&ask->error);
    lsb_pool_unref(ask->pool);
    g_free(ask);
}

/* --- the pool ----------------------------------------------------------------------------------
 */

static gboolean refuse(GError **error, const char *field, const char *expected, const char *got)
{
    return lsb_fail(error, INVALID,
                    "%s: expected %s in a pool, whose sandboxes cannot share it, got %s", field,
                    expected, got);
}

/* A field that no pool may have; GOT NULL: it has not. */
static gboolean check_absent(const char *field, const char *got, GError **error)
{
    g_autofree char *shown = got ? lsb_text_show(got) : NULL;
    return !got || refuse(error, field, "nothing", shown);
}

static gboolean check_image(const char *list, guint number, const LsbImage *image, GError **error)
{
    g_autofree char *field = g_strdup_printf("%s[%u].readonly", list, number);
    return image->readonly || refuse(error, field, "true", "false");
}

static gboolean check_mount(const LsbMount *m, GError **error)
{
    g_autofree char *upper = g_strdup_printf("mounts[%u].upper", m->number);
    return check_absent(upper, m->upper, error) &&
           (m->type != LSB_MOUNT_IMAGE || check_image("mounts", m->number, &m->image, error));
}

static gboolean check_shared(const LsbDescription *d, GError **error)
{
    gboolean ok = check_absent("name", lsb_value_get(d->recipe, "name") ? d->name : NULL, error) &&
                  check_absent("overlay", d->overlay, error) &&
                  check_absent("graphics.socket", d->graphics.socket, error);
    for (guint i = 0; ok && i < d->mounts->len; i++)
        ok = check_mount(d->mounts->pdata[i], error);
    for (guint i = 0; ok && i < d->disks->len; i++)
        ok = check_image("disks", i + 1, &((LsbDisk *)d->disks->pdata[i])->image, error);
    return ok;
}

LsbPool *lsb_pool_new(const LsbDescription *d, guint size, GError **error)
{
    if (!check_shared(d, error))
        return NULL;
    LsbPool *pool = g_new0(LsbPool, 1);
    pool->refs = 1;
    pool->recipe = lsb_saved_recipe(d);
    pool->size = size;
    pool->slots = g_ptr_array_new_with_free_func(slot_free);
    tend(pool);
    return pool;
}

void lsb_pool_close_begin(LsbPool *pool)
{
    if (pool->closed)
        return;
    pool->closed = TRUE;
    g_clear_handle_id(&pool->tending, g_source_remove);
    g_clear_handle_id(&pool->retry_timer, g_source_remove);
    for (guint i = 0; i < pool->slots->len; i++) {
        Slot *slot = pool->slots->pdata[i];
        ask_again(slot);
        lsb_sandbox_set_listener(slot->sb, NULL, NULL);
        lsb_sandbox_destroy_begin(slot->sb);
    }
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the pool was closed meanwhile");
    while (pool->asks.head)
        answer(pool->asks.head->data, NULL, error);
}

gboolean lsb_pool_is_closed(const LsbPool *pool)
{
    return pool->closed;
}

gboolean lsb_pool_ended(gpointer data)
{
    const LsbPool *pool = data;
    for (guint i = 0; i < pool->slots->len; i++)
        if (!lsb_sandbox_ended(((Slot *)pool->slots->pdata[i])->sb))
            return FALSE;
    return pool->closed;
}

void lsb_pool_unref(LsbPool *pool)
{
    if (!pool || --pool->refs > 0)
        return;
    lsb_pool_close_begin(pool);
    g_ptr_array_unref(pool->slots);
    g_clear_error(&pool->error);
    lsb_value_free(pool->recipe);
    g_free(pool);
}

LsbPoolStats lsb_pool_stats(const LsbPool *pool)
{
    LsbPoolStats stats = {.size = pool->size,
                          .starting = count_starting(pool),
                          .asking = pool->asks.length,
                          .taken = pool->taken};
    for (guint i = 0; i < pool->slots->len; i++)
        stats.ready += is_free(pool->slots->pdata[i]);
    return stats;
}

const GError *lsb_pool_error(const LsbPool *pool)
{
    return pool->error;
}
