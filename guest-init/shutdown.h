/* The end of all processes, of the mounts, and of the machine or container. */
#ifndef LSANDBOX_INIT_SHUTDOWN_H
#define LSANDBOX_INIT_SHUTDOWN_H

#include "relay.h"

#include <stdbool.h>

/* Kill every process, wait until they are gone (5 s at most), sync, and unmount. */
void shutdown_all(void);

/* Tell the host that all is unmounted: BYE, within a second. */
void shutdown_say_bye(struct relay *r);

/* Power off the machine, or end the container's PID 1. */
_Noreturn void shutdown_end(bool machine);

/* Say on the console what failed (failure_text()), then shutdown_all() and shutdown_end(). */
_Noreturn void shutdown_die(bool machine);

#endif
