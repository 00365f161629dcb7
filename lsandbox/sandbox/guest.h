/* How a sandbox reacts to what its guest says over the session: the events of session.h. */
#ifndef LSANDBOX_SANDBOX_GUEST_H
#define LSANDBOX_SANDBOX_GUEST_H

#include "sandbox/sandbox.h"
#include "session/session.h"

/* For lsb_session_new(); the owner is an LsbSandbox. */
extern const LsbSessionEvents lsb_sandbox_session_events;

/* Send the domain's plan to a guest that waits for it. */
void lsb_sandbox_send_plan(LsbSandbox *sb);

/*
 * End a sandbox that does not come up, or start it again cold where it was to go on from a
 * template. WHAT is the reason; the console's last lines are added to it.
 */
void lsb_sandbox_boot_failed(LsbSandbox *sb, const char *what);

#endif
