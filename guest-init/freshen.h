/*
 * Time and random numbers of a machine. One that was resumed from a template has the template's
 * clock and, worse, the same random numbers to come as every other machine made from it. One that
 * boots has no random numbers for about a second. The plan brings both. Neither is fresh any more when
 * a machine has waited in a pool: its clock drifts, and is behind by what its host slept.
 */
#ifndef LSANDBOX_INIT_FRESHEN_H
#define LSANDBOX_INIT_FRESHEN_H

#include "plan.h"

void freshen_clock(const struct plan *plan);

/* Call while /dev is the kernel's own, and before anything asks for random numbers. */
void freshen_random(const struct plan *plan);

/* The same from FRESHEN (wire.h), for a machine that has waited. -1: the host broke the protocol. */
int freshen_now(const struct wire_frame *message);

#endif
