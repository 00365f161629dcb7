/*
 * Everything that happens (a sandbox is ready or has ended, somebody asks or gives up, time has
 * passed) only makes lsb_pool_tend() run, which looks at all of it and does what is to be done.
 */
#ifndef LSANDBOX_SANDBOX_POOLTEND_H
#define LSANDBOX_SANDBOX_POOLTEND_H

#include "sandbox/pool_private.h"
#include "sandbox/sandbox.h"

/* A place for SB, whose reference it takes. */
LsbSlot *lsb_pool_add(LsbPool *pool, LsbSandbox *sb);

/* Look at all that has happened, and do what is to be done: now; when the main context is turned. */
void lsb_pool_tend(LsbPool *pool);
void lsb_pool_tend_soon(LsbPool *pool);

#endif
