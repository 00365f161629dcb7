/* The network interfaces of the plan. */
#ifndef LSANDBOX_INIT_NETWORK_H
#define LSANDBOX_INIT_NETWORK_H

#include "plan.h"

/*
 * Find each interface, give it its name, MTU, addresses and routes, and switch it on. Call it while
 * /proc/sys can be written. 0, or -1 with failure_text().
 */
int network_make(const struct plan *plan);

/*
 * Get leases for the interfaces that use DHCP. Call it when the root is "/" and its mounts are
 * made. 0, or -1 with failure_text().
 */
int network_lease(const struct plan *plan);

#endif
