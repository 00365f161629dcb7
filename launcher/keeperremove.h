/* Removing what an owner has left: directories, files and control groups. */
#ifndef LSANDBOX_LAUNCHER_KEEPERREMOVE_H
#define LSANDBOX_LAUNCHER_KEEPERREMOVE_H

#include "keeperorders.h"

/* The files of a run directory that are removed last (keepersweep.h). */
#define KEEPER_LOCK_NAME    "owner.lock"
#define KEEPER_JOURNAL_NAME "journal"

/*
 * Remove what ORDERS name, and the run directory RUN (NULL: none). Bounded: by some seconds, and by
 * a minute for control groups. Where something is left, RUN keeps its lock and its journal, so that
 * a later start tries again.
 */
void keeperremove_all(struct keeper_orders *orders, const char *run);

#endif
