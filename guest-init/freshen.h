/*
 * Time and random numbers of a machine. One that was resumed from a template has the template's
 * clock and, worse, the same random numbers to come as every other machine made from it. One that
 * boots has no random numbers for about a second. The host brings both. Neither is fresh any more
 * when a machine has waited in a pool: its clock drifts, and is behind by what its host slept.
 */
#ifndef LSANDBOX_INIT_FRESHEN_H
#define LSANDBOX_INIT_FRESHEN_H

#include "relay.h"

/*
 * Whether this kernel makes all its random numbers of a new seed once it has one: Linux 5.18, and
 * the stable kernels that its generator was carried over to in May 2022 (5.10.119, 5.15.44). Others
 * stir the seed in, but take nothing of it for minutes (drivers/char/random.c, crng_reseed() before
 * 5.18), and keep what they have drawn in advance on each processor.
 */
bool freshen_is_renewable(void);

/*
 * Call while there is /dev/urandom, and before anything asks for random numbers. -1, with
 * failure_text(): not done. A kernel that is not renewable may refuse, as no template depends on it.
 */
int freshen_random(const uint8_t *seed, size_t length);

/*
 * Set the clock by the host's. Reads the relay, so what was borrowed from it is gone. 0, or -1 when
 * the host answers wrongly or is gone; see failure_text().
 */
int freshen_clock(struct relay *r);

/* Both by FRESHEN (wire.h), for a machine that has waited. -1: the host broke the protocol, or as above. */
int freshen_now(struct relay *r, const struct wire_frame *message);

#endif
