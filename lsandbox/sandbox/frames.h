/* What a sandbox hears from its guest, over the relay. Every word of it is checked. */
#ifndef LSANDBOX_SANDBOX_FRAMES_H
#define LSANDBOX_SANDBOX_FRAMES_H

#include "sandbox/sandbox.h"
#include "session/relay.h"
#include "shared/wire.h"

/* Answer the guest's HELLO, or speak first to one that said it before it became a template; and the
 * plan. */
void lsb_sandbox_send_plan(LsbSandbox *sb);
extern const LsbRelayEvents lsb_sandbox_relay_events;

/* End a sandbox that does not come up: WHAT, and the console's last lines. */
void lsb_sandbox_boot_failed(LsbSandbox *sb, const char *what);

/*
 * The field of PLAN and FRESHEN (wire.h) that makes a machine fresh, which may ask for the time then.
 */
void lsb_sandbox_put_fresh(LsbSandbox *sb, struct wire_buf *b);

#endif
