/* The timeline of a start: the phases and moments that the host sees. */
#include "base/timeline.h"

#include "base/timeline_private.h"

const char *const lsb_lane_names[LSB_LANES] = {
    [LSB_LANE_HOST] = "host",       [LSB_LANE_LIBVIRT] = "libvirt", [LSB_LANE_QEMU] = "qemu",
    [LSB_LANE_KERNEL] = "kernel",   [LSB_LANE_INIT] = "init",       [LSB_LANE_MOUNTS] = "mounts",
    [LSB_LANE_PROGRAM] = "program", [LSB_LANE_END] = "end",
};

LsbTimeline *lsb_timeline_new(void)
{
    LsbTimeline *t = g_new0(LsbTimeline, 1);
    g_mutex_init(&t->lock);
    t->spans = g_array_new(FALSE, FALSE, sizeof(LsbSpan));
    t->notes = g_ptr_array_new_with_free_func(g_free);
    t->phase = t->program = -1;
    return t;
}

void lsb_timeline_free(LsbTimeline *t)
{
    g_mutex_clear(&t->lock);
    g_array_unref(t->spans);
    g_ptr_array_unref(t->notes);
    g_free(t);
}

void lsb_timeline_begin(LsbTimeline *t)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    t->zero = g_get_monotonic_time();
}

/* --- spans that go on; the caller holds the lock --- */

/* End the span at *INDEX, if there is one. */
static void end_span(LsbTimeline *t, gint *index, gint64 now)
{
    if (*index >= 0)
        g_array_index(t->spans, LsbSpan, *index).ended = now;
    *index = -1;
}

/* End the span at *INDEX and begin another in its place. */
static void next_span(LsbTimeline *t, gint *index, LsbLane lane, const char *name, gboolean rough)
{
    gint64 now = timeline_now(t);
    end_span(t, index, now);
    timeline_put(t, lane, name, now, -1);
    *index = (gint)t->spans->len - 1;
    g_array_index(t->spans, LsbSpan, *index).rough = rough;
}

/* --- phases --- */

void lsb_timeline_phase(LsbTimeline *t, LsbLane lane, const char *name)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (t->zero)
        next_span(t, &t->phase, lane, name, FALSE);
}

void lsb_timeline_await_guest(LsbTimeline *t, LsbLane lane, const char *name)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (t->zero)
        next_span(t, &t->phase, lane, name, TRUE);
}

void lsb_timeline_phase_over(LsbTimeline *t)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (t->zero)
        end_span(t, &t->phase, timeline_now(t));
}

void lsb_timeline_add(LsbTimeline *t, LsbLane lane, const char *name, gint64 begun)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (!t->zero)
        return;
    gint64 now = timeline_now(t);
    gint64 first = t->phase >= 0 ? g_array_index(t->spans, LsbSpan, t->phase).begun : 0;
    timeline_put(t, lane, name, CLAMP(begun - t->zero, first, now), now);
}

/* Notes count before the start as well, because some decisions are made there. */
void lsb_timeline_note(LsbTimeline *t, const char *text)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    g_ptr_array_add(t->notes, g_strdup(text));
}

/* --- moments --- */

void lsb_timeline_reach(LsbTimeline *t, LsbReached what)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (t->zero)
        t->reached[what] = timeline_now(t);
}

gint64 lsb_timeline_reached(LsbTimeline *t, LsbReached what)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    return t->reached[what];
}

/* --- the first program --- */

void lsb_timeline_program_spawned(LsbTimeline *t, guint32 id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (!t->zero || t->program_id)
        return;
    t->program_id = id;
    next_span(t, &t->program, LSB_LANE_PROGRAM, "start", FALSE);
}

void lsb_timeline_program_started(LsbTimeline *t, guint32 id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (id == t->program_id && t->program >= 0)
        next_span(t, &t->program, LSB_LANE_PROGRAM, "run", FALSE);
}

void lsb_timeline_program_ended(LsbTimeline *t, guint32 id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (id == t->program_id)
        end_span(t, &t->program, timeline_now(t));
}

void lsb_timeline_program_lost(LsbTimeline *t)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (t->zero)
        end_span(t, &t->program, timeline_now(t));
}
