/*
 * The event loop: the host's requests, the programs' streams, the ends of processes.
 */
#ifndef LSANDBOX_INIT_SERVE_H
#define LSANDBOX_INIT_SERVE_H

#include "relay.h"

#include <stdbool.h>

/* Signals that the loop takes from a descriptor are blocked from here on. Call before any fork. */
void serve_block_signals(void);

/*
 * Serve until the host (or a signal) says stop: 0. -1: the host is gone, or broke the protocol, or
 * the system refuses something we cannot do without; see failure_text().
 */
int serve(struct relay *r, bool machine);

#endif
