/* What the keeper does when its owner has ended: it kills the sandboxes and removes their files. */
#ifndef LSANDBOX_LAUNCHER_KEEPEREND_H
#define LSANDBOX_LAUNCHER_KEEPEREND_H

#include "keeperorders.h"
#include "keeperset.h"

/*
 * Stop listening at SOCKET_PATH, send SIGKILL to every process in SET and to every QEMU of the run
 * directory RUN (NULL: none) and wait until they are gone, then remove what ORDERS name. Bounded:
 * by some seconds for each of these, and by a minute for control groups that do not get empty.
 */
void keeperend_run(struct keeper_set *set, struct keeper_orders *orders, const char *socket_path,
                   const char *run);

#endif
