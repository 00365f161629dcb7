/* The clock for time limits, which no one sets. */
#ifndef LSANDBOX_INIT_CLOCK_H
#define LSANDBOX_INIT_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC, in milliseconds. */
int64_t clock_ms(void);

#endif
