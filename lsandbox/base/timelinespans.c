/* Reading a timeline: its spans, its notes, and the sum of each lane. */
#include "base/timelinespans.h"

#include <string.h>

#include "base/timeline_private.h"

static gint by_time(gconstpointer a, gconstpointer b)
{
    const LsbSpan *x = a, *y = b;
    if (x->begun != y->begun)
        return x->begun < y->begun ? -1 : 1;
    return (gint)x->lane - (gint)y->lane;
}

GArray *lsb_timeline_spans(LsbTimeline *t)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(LsbSpan));
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    for (guint i = 0; i < t->spans->len; i++) {
        const LsbSpan *span = &g_array_index(t->spans, LsbSpan, i);
        if (!span->rough || !t->told)
            g_array_append_val(spans, *span);
    }
    g_array_sort(spans, by_time);
    return spans;
}

char **lsb_timeline_notes(LsbTimeline *t)
{
    g_autoptr(GStrvBuilder) notes = g_strv_builder_new();
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    for (guint i = 0; i < t->notes->len; i++)
        g_strv_builder_add(notes, t->notes->pdata[i]);
    return g_strv_builder_end(notes);
}

gint64 lsb_spans_length(const GArray *spans)
{
    gint64 length = 0;
    for (guint i = 0; i < spans->len; i++) {
        const LsbSpan *span = &g_array_index(spans, LsbSpan, i);
        length = MAX(length, MAX(span->begun, span->ended));
    }
    return length;
}

static gint by_moment(gconstpointer a, gconstpointer b)
{
    const gint64 *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Every moment at which a span begins or ends, in order. */
static GArray *moments_of(const GArray *spans)
{
    GArray *moments = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < spans->len; i++) {
        const LsbSpan *span = &g_array_index(spans, LsbSpan, i);
        g_array_append_val(moments, span->begun);
        g_array_append_val(moments, span->ended);
    }
    g_array_sort(moments, by_moment);
    return moments;
}

/* The last lane with a span that covers A to B; -1: none. */
static gint last_lane(const GArray *spans, gint64 a, gint64 b)
{
    gint lane = -1;
    for (guint i = 0; i < spans->len; i++) {
        const LsbSpan *span = &g_array_index(spans, LsbSpan, i);
        if (span->begun <= a && span->ended >= b)
            lane = MAX(lane, (gint)span->lane);
    }
    return lane;
}

void lsb_spans_sums(const GArray *spans, gint64 sums[LSB_LANES])
{
    g_autoptr(GArray) moments = moments_of(spans);
    memset(sums, 0, LSB_LANES * sizeof *sums);
    for (guint i = 1; i < moments->len; i++) {
        gint64 a = g_array_index(moments, gint64, i - 1), b = g_array_index(moments, gint64, i);
        gint lane = a < b ? last_lane(spans, a, b) : -1;
        if (lane >= 0)
            sums[lane] += b - a;
    }
}
