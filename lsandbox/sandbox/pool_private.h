/*
 * What the files of a pool share: pool.c has the object, pooltend.c keeps it full, poolqueue.c has
 * those who ask.
 */
#ifndef LSANDBOX_SANDBOX_POOL_PRIVATE_H
#define LSANDBOX_SANDBOX_POOL_PRIVATE_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/value/value.h"
#include "sandbox/pool.h"
#include "sandbox/sandbox.h"

/* A sandbox that was not taken. */
typedef struct {
    LsbPool *pool;
    LsbSandbox *sb;
    gboolean ready; /* has been */
    LsbAsk *ask;    /* for whom it is kept; NULL: nobody */
} LsbSlot;

struct _LsbAsk {
    LsbPool *pool;
    guint64 number;
    GList link;      /* in pool->asks */
    gboolean queued; /* it is there, and has no answer */
    LsbSlot *slot;
    GError *error;
};

struct _LsbPool {
    int refs;
    LsbValue *recipe;
    guint size;
    gboolean reuse;
    GPtrArray *slots; /* LsbSlot, the oldest first */
    GPtrArray *lent;  /* LsbSandbox, references: taken, and not ended; where it reuses */
    GQueue asks;      /* of LsbAsk.link, by number */
    guint64 last_ask, taken;
    GError *error;   /* of a start that failed, until somebody is told */
    guint failures;  /* since the last that was taken */
    gint64 retry_at; /* g_get_monotonic_time(): no start before that, unless somebody asks */
    guint tending, retry_timer; /* sources */
    gboolean closed;
};

/* Nobody's, and may be given to somebody. */
gboolean lsb_slot_is_free(const LsbSlot *slot);
guint lsb_pool_count_starting(const LsbPool *pool);

/* SB has been taken. */
void lsb_pool_lend(LsbPool *pool, LsbSandbox *sb);
void lsb_pool_forget_lent(LsbPool *pool);

/* Refuse what only one sandbox can have (lsb_pool_new()). */
gboolean lsb_pool_check_recipe(const LsbDescription *d, GError **error);

#endif
