/*
 * The first frames: HELLO both ways, then the plan. Waits for the host as long as it takes.
 */
#ifndef LSANDBOX_INIT_GREET_H
#define LSANDBOX_INIT_GREET_H

#include "plan.h"
#include "relay.h"

#include <stdbool.h>

/*
 * Exchange HELLO. On a MACHINE's virtio port a hang-up before the host's HELLO means that
 * nobody is connected yet: the next one who connects is greeted anew. -1: gone, or no host of ours.
 */
int greet_host(struct relay *r, bool machine);

/* The same after WIRE_DETACHED, which stands for HELLO. */
int greet_again(struct relay *r);

/* Wait for PLAN and parse it; -1 when the host goes or sends something else. */
int greet_plan(struct relay *r, struct plan *plan);

#endif
