/*
 * The plan's interfaces.
 */
#ifndef LSANDBOX_INIT_NETWORK_H
#define LSANDBOX_INIT_NETWORK_H

#include "plan.h"

/*
 * Find each interface by its hardware address, give it its name, MTU, addresses and routes, and
 * switch it on. To be called while /proc/sys can be written. 0, or -1: failure_text() says what.
 */
int network_make(const struct plan *plan);

/* Get the leases of those that use DHCP; the root is "/" and its mounts are made. 0 or -1. */
int network_lease(const struct plan *plan);

#endif
