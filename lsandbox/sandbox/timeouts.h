/* The time limits of a sandbox, `timeout` and `idle_timeout`: timers that begin with its use. */
#ifndef LSANDBOX_SANDBOX_TIMEOUTS_H
#define LSANDBOX_SANDBOX_TIMEOUTS_H

#include "sandbox/sandbox.h"

/* It is somebody's from now on: its time limits begin, and its listener hears that it runs. */
void lsb_sandbox_begin_use(LsbSandbox *sb);

#endif
