/*
 * The event loop: the host's requests, the programs' streams, the ends of processes.
 */
#ifndef LSANDBOX_INIT_SERVE_H
#define LSANDBOX_INIT_SERVE_H

#include "relay.h"

#include <stdbool.h>

/* Signals that the loop takes from a descriptor are blocked from here on. Call before any fork. */
void serve_block_signals(void);

enum serve_end { SERVE_FAILED = -1, SERVE_STOP, SERVE_DETACH };

/*
 * Serve until the host (or a signal) says stop, or the host says detach and nothing stands in the
 * way. SERVE_FAILED: the host is gone, or broke the protocol, or the system refuses something we
 * cannot do without; see failure_text().
 */
enum serve_end serve(struct relay *r, bool machine);

#endif
