/* TODO: say what ending is about. */
#ifndef LSANDBOX_SANDBOX_ENDING_H
#define LSANDBOX_SANDBOX_ENDING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Ask the guest to end everything; lsb_sandbox_is_stopped() turns TRUE when it has, and then it is
 * destroyed to the end. LSB_ERROR_STATE when it is paused.
 */
gboolean lsb_sandbox_ask_to_stop(LsbSandbox *sb, GError **error);

/*
 * End it now; programs that run are lost. Nothing of it is left when lsb_sandbox_ended() is TRUE.
 * Harmless twice.
 */
void lsb_sandbox_destroy_begin(LsbSandbox *sb);

/* The two in one, waiting. */
void lsb_sandbox_destroy(LsbSandbox *sb);

/* Wait until no sandbox of this process is on its way to its end. */
void lsb_sandbox_await_ends(void);

/*
 * Stop listening, tell the programs, and let a thread end the domain. Any state but NEW; once.
 * REASON is copied; NULL: by stop or destroy.
 */
void lsb_sandbox_end(LsbSandbox *sb, const GError *reason);

/* The starter is done, and the sandbox was ended meanwhile. */
void lsb_sandbox_end_domain(LsbSandbox *sb);

#endif
