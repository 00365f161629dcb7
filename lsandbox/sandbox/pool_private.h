/*
 * The structures of a pool, for its files: pool.c has the object, pooltend.c keeps it full,
 * poolqueue.c has the requests.
 */
#ifndef LSANDBOX_SANDBOX_POOL_PRIVATE_H
#define LSANDBOX_SANDBOX_POOL_PRIVATE_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"
#include "sandbox/pool.h"
#include "sandbox/sandbox.h"

/* A place in the pool for a sandbox that was not taken. */
typedef struct {
    LsbPool *pool;
    LsbSandbox *sb;
    gboolean ready; /* SB was ready once, so its end does not count as a failed start */
    LsbAsk *ask;    /* the request that SB was promised to; NULL: none */
} LsbSlot;

struct _LsbAsk {
    LsbPool *pool;
    guint64 number;
    GList link;      /* in pool->asks */
    gboolean queued; /* in the queue, without an answer */
    LsbSlot *slot;   /* the answer: the sandbox of this slot, once it is fresh; or NULL */
    GError *error;   /* the answer: why there is no sandbox; or NULL */
};

struct _LsbPool {
    int refs;
    pid_t owner; /* the process that made it; a forked child fills and ends no pool of another */
    LsbValue *recipe;
    guint size;
    gboolean reuse;
    GPtrArray *slots; /* LsbSlot, the oldest first */
    GPtrArray *lent;  /* of a pool that reuses: references to the LsbSandbox taken and not ended */
    GQueue asks;      /* of LsbAsk.link, by number */
    guint64 last_ask, taken;
    GError *error;   /* of a start that failed, until a request is answered with it */
    guint failures;  /* since a sandbox was taken */
    gint64 retry_at; /* g_get_monotonic_time(): no start before that, except for a request */
    guint tending, retry_timer; /* sources */
    gboolean closed;
};

/* Whether the slot's sandbox is ready, and not promised to a request. */
gboolean lsb_slot_is_free(const LsbSlot *slot);
/* How many slots have a sandbox that is not ready yet. */
guint lsb_pool_count_starting(const LsbPool *pool);

/* Note that SB was taken, and watch for its end. Does nothing where the pool does not reuse. */
void lsb_pool_lend(LsbPool *pool, LsbSandbox *sb);
/* Drop the pool's references to lent sandboxes; their users will end them. */
void lsb_pool_forget_lent(LsbPool *pool);

/* Refuse what only one sandbox can have (lsb_pool_new()). */
gboolean lsb_pool_check_recipe(const LsbDescription *d, GError **error);

#endif
