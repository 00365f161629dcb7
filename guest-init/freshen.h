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

#include <stdbool.h>
#include <stdint.h>

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
 * One reading of the host's clock, in nanoseconds. HOST is what the host said, HERE when that was
 * by CLOCK_MONOTONIC, give or take half of what the answer TOOK.
 */
struct clock_reading {
    int64_t host, here, took;
};

/* What the guest has asked of the host's clock, and the best answer so far. */
struct clock_question {
    bool is_open; /* an answer is to come */
    int64_t asked;
    int readings;
    struct clock_reading best;
};

/*
 * FRESHEN (wire.h): add its seed, and take its time where the clock is far behind. -1: the host
 * broke the protocol, or as freshen_random().
 */
int freshen_begin(const struct wire_frame *message);

/*
 * Ask for the time. Between question and answer may come whatever the host said before it received
 * the question, so a caller that serves programs goes on serving.
 */
void freshen_ask(struct relay *r, struct clock_question *q);

/*
 * TIME from the host. 1: the clock is set. 0: it is asked once more. -1, with failure_text(): the
 * host broke the protocol.
 */
int freshen_answer(struct relay *r, struct clock_question *q, const struct wire_frame *answer);

/*
 * Ask, and wait for the answers; for when the host has nothing else to say. This reads the relay,
 * so payloads of earlier messages are no longer valid. 0, or -1 with failure_text() when the host
 * answers wrongly or is gone.
 */
int freshen_clock(struct relay *r);

#endif
