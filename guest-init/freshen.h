/*
 * Time and random numbers of a machine, which the host sends. A machine that was resumed from a
 * template has the template's clock and, worse, would draw the same random numbers as every other
 * machine made from it. One that boots has no random numbers for about a second. A machine that has
 * waited in a pool needs both again, because its clock drifts, and stands still while its host
 * sleeps.
 */
#ifndef LSANDBOX_INIT_FRESHEN_H
#define LSANDBOX_INIT_FRESHEN_H

#include "relay.h"

/*
 * Whether this kernel makes all random numbers of a new seed as soon as it has one. Linux 5.18
 * does, and the stable kernels that got its generator in May 2022 (5.10.119, 5.15.44). Older ones
 * stir the seed in, but take nothing of it for minutes (drivers/char/random.c, crng_reseed() before
 * 5.18), and keep the numbers that each processor has drawn in advance.
 */
bool freshen_is_renewable(void);

/*
 * Add the host's seed. Needs /dev/urandom; call it before any process asks for random numbers. -1,
 * with failure_text(). A refusal of a kernel that is not renewable is no error, because no template
 * is made with such a kernel.
 */
int freshen_random(const uint8_t *seed, size_t length);

/*
 * Set the clock by the host's. This reads the relay, so payloads of earlier messages are no longer
 * valid. 0, or -1 with failure_text() when the host answers wrongly or is gone.
 */
int freshen_clock(struct relay *r);

/*
 * Carry out FRESHEN (wire.h): freshen_random() and freshen_clock(). 0, or -1: the host broke the
 * protocol, or one of the two failed.
 */
int freshen_now(struct relay *r, const struct wire_frame *message);

#endif
