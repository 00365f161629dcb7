/*
 * The structure of a timeline, for the three files that work on it: timeline.c adds the spans that
 * the host sees, timelineguest.c those that the guest reports, and timelinespans.c reads them all.
 */
#ifndef LSANDBOX_BASE_TIMELINE_PRIVATE_H
#define LSANDBOX_BASE_TIMELINE_PRIVATE_H

#include <glib.h>

#include "base/timeline.h"

/* Times are microseconds since ZERO. */
struct _LsbTimeline {
    GMutex lock;
    gint64 zero;   /* monotonic time of the start; 0: not begun */
    GArray *spans; /* LsbSpan; none is ever removed */
    GPtrArray *notes;
    gint phase, program; /* indexes of spans that go on; -1: none */
    guint32 program_id;  /* the first program's; 0: none yet */
    gint64 reached[LSB_REACHED_END];
    gint64 guest_begun; /* before this moment no guest ran */
    gboolean resumed;   /* the guest goes on from a saved state */
    gboolean told;      /* the guest has reported its marks */
};

/* Microseconds since the start. The caller holds the lock, here and below. */
static inline gint64 timeline_now(const LsbTimeline *t)
{
    return g_get_monotonic_time() - t->zero;
}

static inline void timeline_put(LsbTimeline *t, LsbLane lane, const char *name, gint64 begun,
                                gint64 ended)
{
    LsbSpan span = {.name = name, .lane = lane, .begun = begun, .ended = ended};
    g_array_append_val(t->spans, span);
}

#endif
