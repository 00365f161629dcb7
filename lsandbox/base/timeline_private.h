/*
 * What the files of a timeline share: timeline.c notes what the host sees, timelineguest.c what the
 * guest tells, timelinespans.c reads it.
 */
#ifndef LSANDBOX_BASE_TIMELINE_PRIVATE_H
#define LSANDBOX_BASE_TIMELINE_PRIVATE_H

#include <glib.h>

#include "base/timeline.h"

/* Times are microseconds since ZERO. */
struct _LsbTimeline {
    GMutex lock;
    gint64 zero;   /* monotonic time of the start; 0: not begun */
    GArray *spans; /* LsbSpan; they are only added to */
    GPtrArray *notes;
    gint phase, program; /* indexes of spans that go on; -1: none */
    guint32 program_id;  /* the first program's; 0: none yet */
    gint64 reached[LSB_REACHED_END];
    gint64 guest_begun; /* before this no guest ran */
    gboolean resumed;   /* then it went on from a saved state */
    gboolean told;      /* the guest has told its marks */
};

/* With the lock held. */
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
