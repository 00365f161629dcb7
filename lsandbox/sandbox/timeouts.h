/* The time limits of a sandbox, `timeout` and `idle_timeout`: timers that begin with its use. */
#ifndef LSANDBOX_SANDBOX_TIMEOUTS_H
#define LSANDBOX_SANDBOX_TIMEOUTS_H

#include "sandbox/sandbox.h"

/* Begin the use of a sandbox by a user: its time limits count, and its listener hears STARTED. */
void lsb_sandbox_begin_use(LsbSandbox *sb);

/* Stop both time limits: the user has given the sandbox back, or it ends. */
void lsb_sandbox_end_use(LsbSandbox *sb);

/* Remove every timer of the sandbox, also those of its start and of FRESHEN. */
void lsb_sandbox_stop_timers(LsbSandbox *sb);

#endif
