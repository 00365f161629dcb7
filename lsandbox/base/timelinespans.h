/* Reading a timeline: its spans, its notes, and the sum of each lane. */
#ifndef LSANDBOX_BASE_TIMELINESPANS_H
#define LSANDBOX_BASE_TIMELINESPANS_H

#include <glib.h>

#include "base/timeline.h"

/* A copy of the spans (LsbSpan), in the order in which they began. Caller unrefs. */
GArray *lsb_timeline_spans(LsbTimeline *t);

/* A copy of the notes. Caller frees with g_strfreev(). */
char **lsb_timeline_notes(LsbTimeline *t);

/* The length of the start so far in microseconds: the latest beginning or end of a span. */
gint64 lsb_spans_length(const GArray *spans);

/*
 * The time that each lane took, in microseconds. Where spans overlap, the last lane counts alone:
 * the call into libvirt also waits while QEMU starts. Spans that still go on do not count.
 */
void lsb_spans_sums(const GArray *spans, gint64 sums[LSB_LANES]);

#endif
