/* Reading a timeline. */
#ifndef LSANDBOX_BASE_TIMELINESPANS_H
#define LSANDBOX_BASE_TIMELINESPANS_H

#include <glib.h>

#include "base/timeline.h"

/* A copy of the spans, LsbSpan each, in the order in which they began. Caller unrefs. */
GArray *lsb_timeline_spans(LsbTimeline *t);

/* A copy of the notes; g_strfreev(). */
char **lsb_timeline_notes(LsbTimeline *t);

/* When the last of the spans ended, or began where it goes on: how long the start took so far. */
gint64 lsb_spans_length(const GArray *spans);

/*
 * The time each lane took. A moment counts once, for the last lane in which something was going on:
 * libvirt's call also waits while QEMU starts. What goes on is not counted.
 */
void lsb_spans_sums(const GArray *spans, gint64 sums[LSB_LANES]);

#endif
