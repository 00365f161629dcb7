/* Measures the rate of the host's time stamp counter against CLOCK_MONOTONIC. */
#include "host/tscrate.h"

#include <time.h>
#include <x86intrin.h>

enum {
    SHORTEST_NS = 10 * 1000 * 1000, /* a reading is off by 1 us at most: 0.01 % */
    READINGS = 16,                  /* the quickest counts: this process may be interrupted */
};

typedef struct {
    gint64 ns, took;
    guint64 ticks;
} Reading;

static gint64 monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * G_GINT64_CONSTANT(1000000000) + t.tv_nsec;
}

static Reading read_both(void)
{
    Reading best = {.took = G_MAXINT64};
    for (int i = 0; i < READINGS; i++) {
        gint64 before = monotonic_ns();
        guint64 ticks = __rdtsc();
        gint64 took = monotonic_ns() - before;
        if (took < best.took)
            best = (Reading){before + took / 2, took, ticks};
    }
    return best;
}

static Reading first;

void lsb_tsc_begin(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        first = read_both();
        g_once_init_leave(&once, 1);
    }
}

static guint measure(void)
{
    lsb_tsc_begin();
    gint64 passed = monotonic_ns() - first.ns;
    if (passed < SHORTEST_NS)
        g_usleep((gulong)(SHORTEST_NS - passed) / 1000);
    Reading last = read_both();
    return (guint)((double)(last.ticks - first.ticks) / (double)(last.ns - first.ns) * 1e6 + 0.5);
}

guint lsb_tsc_khz(void)
{
    static gsize khz;
    if (g_once_init_enter(&khz))
        g_once_init_leave(&khz, MAX(measure(), 1));
    return (guint)khz;
}
