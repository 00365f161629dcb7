/*
 * The end of a sandbox, whatever begins it (the user, the guest, a time limit), until it is gone.
 */
#ifndef LSANDBOX_SANDBOX_ENDING_H
#define LSANDBOX_SANDBOX_ENDING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Ask the guest init to end all programs and power off; for an attached sandbox, libvirt asks.
 * lsb_sandbox_is_stopped() turns TRUE when the guest has done so; the rest of the end follows by
 * itself. FALSE with LSB_ERROR_STATE while the sandbox is paused or being saved, and with
 * LSB_ERROR_LIBVIRT where libvirt cannot ask.
 */
gboolean lsb_sandbox_ask_to_stop(LsbSandbox *sb, GError **error);

/*
 * End the sandbox now, where this process made it; programs that run are lost. Nothing of it is
 * left on the host when lsb_sandbox_ended() is TRUE. Harmless twice.
 */
void lsb_sandbox_destroy_begin(LsbSandbox *sb);

/* The same, and wait until nothing of it is left. */
void lsb_sandbox_destroy(LsbSandbox *sb);

/* Wait until no sandbox of this process is ENDING; those of the process that forked it go on. */
void lsb_sandbox_await_ends(void);

/*
 * For this room: begin the end. Stops every timer, closes the session, and lets a thread end the
 * domain. REASON is copied; NULL: the user asked for the end. Does nothing where the end has begun.
 */
void lsb_sandbox_end(LsbSandbox *sb, const GError *reason);

/*
 * For the files that have joined a start's thread: end the domain of a sandbox whose end was begun
 * while that thread was at work.
 */
void lsb_sandbox_end_domain(LsbSandbox *sb);

#endif
