/* The clock for time limits and marks: one that cannot be set. */
#ifndef LSANDBOX_INIT_CLOCK_H
#define LSANDBOX_INIT_CLOCK_H

#include <stdint.h>

/*
 * CLOCK_MONOTONIC in nanoseconds. On a machine it begins at 0 when its kernel begins to keep time,
 * early in its start; a container has its host's.
 */
int64_t clock_ns(void);

/* The same in milliseconds. */
int64_t clock_ms(void);

/* Sleep for less than a second. */
void clock_sleep(int milliseconds);

#endif
