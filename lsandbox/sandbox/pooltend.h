/*
 * Keeping a pool full. Every event (a sandbox is ready or has ended, a request comes or goes, a
 * back-off is over) only makes lsb_pool_tend() run, which looks at the whole pool, answers
 * requests, and starts what is missing.
 */
#ifndef LSANDBOX_SANDBOX_POOLTEND_H
#define LSANDBOX_SANDBOX_POOLTEND_H

#include "sandbox/pool_private.h"
#include "sandbox/sandbox.h"

/* Add a slot for SB, whose reference it takes over. The slot is the pool's. */
LsbSlot *lsb_pool_add(LsbPool *pool, LsbSandbox *sb);

/* Answer requests and start what is missing, now. */
void lsb_pool_tend(LsbPool *pool);
/* The same at the next turn of the main context. */
void lsb_pool_tend_soon(LsbPool *pool);

#endif
