/* The first frames: HELLO both ways, then the plan. The guest waits for them without a limit. */
#ifndef LSANDBOX_INIT_GREET_H
#define LSANDBOX_INIT_GREET_H

#include "plan.h"
#include "relay.h"

#include <stdbool.h>

/*
 * Exchange HELLO. On a MACHINE's virtio port a hang-up before the host's HELLO means that no host
 * is connected yet, and the next one that connects is greeted anew. -1, with failure_text(): the
 * host is gone, or does not speak this protocol.
 */
int greet_host(struct relay *r, bool machine);

/* The same after DETACHED, which takes the place of the guest's HELLO. */
int greet_again(struct relay *r);

/* Wait for PLAN and parse it. -1, with failure_text(): the host is gone, or sent another frame. */
int greet_plan(struct relay *r, struct plan *plan);

#endif
