/* What the keeper does when its owner has ended: it kills the sandboxes and removes their files. */
#ifndef LSANDBOX_LAUNCHER_KEEPEREND_H
#define LSANDBOX_LAUNCHER_KEEPEREND_H

#include "keeperowner.h"
#include "keeperset.h"

/*
 * Stop listening at SOCKET_PATH, send SIGKILL to every process in SET and wait until they are gone,
 * then remove what ORDERS name. Bounded: by some seconds for each of these.
 */
void keeperend_run(struct keeper_set *set, struct keeper_orders *orders, const char *socket_path);

#endif
