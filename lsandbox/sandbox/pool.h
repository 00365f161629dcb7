/*
 * A pool: sandboxes of one recipe that are started before anybody wants them. Each waits, ready,
 * and has never run a program. Those who ask get one each, in the order of asking, and the pool
 * starts another for it. All functions belong to the thread that turns the default main context,
 * and none of them waits: while the context is not turned, no sandbox is started.
 */
#ifndef LSANDBOX_SANDBOX_POOL_H
#define LSANDBOX_SANDBOX_POOL_H

#include <glib.h>

#include "recipe/description.h"
#include "sandbox/sandbox.h"

enum {
    /* A machine of 256 MiB that waits costs tens of MiB and several processes. */
    LSB_POOL_MOST = 256,
};

typedef struct _LsbPool LsbPool;
/* A request for a sandbox: a place in the pool's queue, and its answer. */
typedef struct _LsbAsk LsbAsk;

typedef struct {
    guint size;     /* how many the pool keeps */
    guint ready;    /* waiting to be taken */
    guint starting; /* not ready yet */
    guint asking;   /* requests in the queue */
    guint lent;     /* of a pool that reuses: taken, and neither given back nor ended */
    guint64 taken;  /* since the pool was made */
} LsbPoolStats;

/*
 * A pool of SIZE (1 to LSB_POOL_MOST) sandboxes like D, which is only read; their starts begin at
 * once, a few at a time. REUSE: a sandbox that is taken can be given back, and counts until it is
 * or has ended; without REUSE another is started for each one that is taken. The caller owns a
 * reference. NULL with LSB_ERROR_INVALID, which names the field, where the recipe has what only one
 * sandbox can have: a name, a directory that keeps the writes of an overlay, an image that is
 * written to, or the socket of a display.
 */
LsbPool *lsb_pool_new(const LsbDescription *d, guint size, gboolean reuse, GError **error);

/* Drop a reference; dropping the last one closes the pool. NULL is fine. */
void lsb_pool_unref(LsbPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbPool, lsb_pool_unref)

/*
 * End at once all sandboxes that were not taken, also those that are starting, and answer every
 * request with LSB_ERROR_STOPPED. Harmless twice. Nothing of the sandboxes is left when
 * lsb_pool_ended() (an LsbCondition) is TRUE.
 */
void lsb_pool_close_begin(LsbPool *pool);
gboolean lsb_pool_is_closed(const LsbPool *pool);
gboolean lsb_pool_ended(gpointer pool);

/* The numbers of this moment. */
LsbPoolStats lsb_pool_stats(const LsbPool *pool);

/*
 * Why the last start failed, borrowed. NULL where none has failed, and again when a later start has
 * succeeded or a request was answered with this error.
 */
const GError *lsb_pool_error(const LsbPool *pool);

/* Whether SB was taken from this pool, can be given back, and has not ended. */
gboolean lsb_pool_has_lent(const LsbPool *pool, const LsbSandbox *sb);

/*
 * After lsb_sandbox_give_back(): take SB, which was lent, and the caller's reference back into the
 * pool. The next request gets it as it is, with everything that was left in it.
 */
void lsb_pool_give(LsbPool *pool, LsbSandbox *sb);

#endif
