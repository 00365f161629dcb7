/*
 * Sweeping: a keeper that starts also removes what an owner has left that was killed together with
 * its own keeper, or with its PID namespace.
 *
 * Each run directory has two files for that, which the owner makes (lsandbox/host/journal.c):
 *
 *     owner.lock   locked by flock(2). Owner and keeper share the open file, so that the lock is
 *                  free exactly when both are gone
 *     journal      the owner's orders to its keeper, in the words of keeper.c, each with a NUL
 *
 * A directory whose lock is free belongs to nobody that lives. Which process takes the lock sweeps
 * it, and no other. The lock and the journal go last, so that a sweep that is broken off, or that
 * could not remove everything, is taken up by the next start.
 */
#ifndef LSANDBOX_LAUNCHER_KEEPERSWEEP_H
#define LSANDBOX_LAUNCHER_KEEPERSWEEP_H

#include "keeperset.h"

/*
 * Look through the directory that RUN, this keeper's run directory, lies in. Where something is to
 * be swept, a child process does that, without the descriptors of SET, and this returns at once.
 */
void keepersweep_begin(const char *run, const struct keeper_set *set);

#endif
