/*
 * A pool: sandboxes of one recipe that are started before anybody wants them. Each is READY and has
 * never run anything; who asks gets one, in the order of asking, and another is started behind it.
 * All functions belong to the thread that turns the default main context, and none of them waits:
 * while nobody turns that context nothing is refilled.
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
/* A place in the queue of those who want one. */
typedef struct _LsbAsk LsbAsk;

typedef struct {
    guint size;     /* how many the pool keeps */
    guint ready;    /* waiting to be taken */
    guint starting; /* on their way */
    guint asking;   /* those who wait for one */
    guint lent;     /* with those who took them, of a pool that reuses */
    guint64 taken;  /* handed out since it was made */
} LsbPoolStats;

/*
 * A pool of SIZE (1 to LSB_POOL_MOST) sandboxes like D, which is only read; their starts begin at
 * once, a few at a time. REUSE: those that are taken count, too, until they are given back or have
 * ended; else another is started for each one that is taken, and none can be given back. The caller owns a reference. NULL with LSB_ERROR_INVALID, which names the
 * field: what only one sandbox can have (a name, what keeps the writes of an overlay, an image that
 * is written to, the socket of a display) no pool can.
 */
LsbPool *lsb_pool_new(const LsbDescription *d, guint size, gboolean reuse, GError **error);

/* The last reference closes it. NULL is fine. */
void lsb_pool_unref(LsbPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbPool, lsb_pool_unref)

/*
 * End all that were not taken, those that are starting too, at once; whoever asks is told
 * LSB_ERROR_STOPPED. Harmless twice. Nothing of them is left when lsb_pool_ended() is TRUE.
 */
void lsb_pool_close_begin(LsbPool *pool);
gboolean lsb_pool_is_closed(const LsbPool *pool);
gboolean lsb_pool_ended(gpointer pool);

LsbPoolStats lsb_pool_stats(const LsbPool *pool);

/* Why the last start failed, borrowed; NULL once one has succeeded, or somebody was told. */
const GError *lsb_pool_error(const LsbPool *pool);

/* Whether it may come back: taken from this pool, which reuses, and not ended. */
gboolean lsb_pool_has_lent(const LsbPool *pool, const LsbSandbox *sb);

/*
 * After lsb_sandbox_give_back(): SB, which was lent, is the pool's, which takes over the reference.
 * The next who asks gets it as it is, with what was left in it.
 */
void lsb_pool_give(LsbPool *pool, LsbSandbox *sb);

#endif
