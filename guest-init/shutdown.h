/*
 * The end: of everything that runs, of the mounts, of the machine or container.
 */
#ifndef LSANDBOX_INIT_SHUTDOWN_H
#define LSANDBOX_INIT_SHUTDOWN_H

#include "relay.h"

#include <stdbool.h>

/*
 * Kill every process and wait until they are gone (for a bounded time), then write out and unmount.
 */
void shutdown_all(void);

/* Tell the host that this was all. */
void shutdown_say_bye(struct relay *r);

/* Power off the machine, or end the container's PID 1. */
_Noreturn void shutdown_end(bool machine);

/* One line on the console that says what failed (failure_text()), then the end. */
_Noreturn void shutdown_die(bool machine);

#endif
