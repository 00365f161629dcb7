/* The monotonic clock: reading it, and sleeping. */
#define _GNU_SOURCE
#include "clock.h"

#include <time.h>

enum { BILLION = 1000000000, MILLION = 1000000 };

int64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * BILLION + t.tv_nsec;
}

int64_t clock_ms(void)
{
    return clock_ns() / MILLION;
}

void clock_sleep(int milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * (long)MILLION}, NULL);
}
