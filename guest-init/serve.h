/* The event loop: requests of the host, streams of programs, ends of processes. */
#ifndef LSANDBOX_INIT_SERVE_H
#define LSANDBOX_INIT_SERVE_H

#include "relay.h"

#include <stdbool.h>

/* Block the signals that the loop takes from a descriptor. Call it before any fork. */
void serve_block_signals(void);

/* Undo that in a child that is about to run a program. */
void serve_unblock_signals(void);

enum serve_end { SERVE_FAILED = -1, SERVE_STOP, SERVE_DETACH };

/*
 * Serve until the host says SHUTDOWN, or a signal does (SERVE_STOP), or the host says DETACH and
 * nothing stands in the way (SERVE_DETACH). SERVE_FAILED, with failure_text(): the host is gone or
 * broke the protocol, or the kernel refuses what the loop needs.
 */
enum serve_end serve(struct relay *r, bool machine);

#endif
