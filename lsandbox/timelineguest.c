/* What the guest tells of its own time, in the host's. */
#include "timeline_private.h"

/* What the guest init was at until it set each mark. */
static const struct {
    LsbLane lane;
    const char *name;
} steps[WIRE_MARK_END] = {
    [WIRE_MARK_INIT] = {LSB_LANE_KERNEL, "kernel"},
    [WIRE_MARK_PLACES] = {LSB_LANE_INIT, "places"},
    [WIRE_MARK_MODULES] = {LSB_LANE_INIT, "modules"},
    [WIRE_MARK_PORT] = {LSB_LANE_INIT, "relay port"},
    [WIRE_MARK_HELLO] = {LSB_LANE_INIT, "hello"},
    [WIRE_MARK_PLAN] = {LSB_LANE_INIT, "wait for the plan"},
    [WIRE_MARK_FRESH] = {LSB_LANE_INIT, "clock and random numbers"},
    [WIRE_MARK_ROOT] = {LSB_LANE_MOUNTS, "root"},
    [WIRE_MARK_NETWORK] = {LSB_LANE_INIT, "network"},
    [WIRE_MARK_BASICS] = {LSB_LANE_MOUNTS, "/dev, /proc, /sys"},
    [WIRE_MARK_MOUNTS] = {LSB_LANE_MOUNTS, "mounts"},
    [WIRE_MARK_SWITCH] = {LSB_LANE_MOUNTS, "switch of the root"},
    [WIRE_MARK_LEASE] = {LSB_LANE_INIT, "names and leases"},
};

static void guest_begins(LsbTimeline *t, gboolean resumed)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (!t->zero)
        return;
    t->guest_begun = timeline_now(t);
    t->resumed = resumed;
}

void lsb_timeline_guest_begins(LsbTimeline *t)
{
    guest_begins(t, FALSE);
}

void lsb_timeline_guest_resumes(LsbTimeline *t)
{
    guest_begins(t, TRUE);
}

/*
 * A machine's time 0 is when its kernel began to keep time. What was between libvirt's return and
 * that, where it has come so late, is the firmware's and the kernel's own unpacking.
 */
static gint64 kernel_begun(LsbTimeline *t, const LsbGuestMarks *m, gint64 sent)
{
    gint64 begun = MAX(lsb_guest_time(m, 0, sent), t->guest_begun);
    gint64 created = t->reached[LSB_REACHED_DOMAIN];
    if (begun > created && created >= t->guest_begun)
        timeline_put(t, LSB_LANE_QEMU, "firmware", created, begun);
    return begun;
}

/* The first mark that counts, and when what led to it began. */
static guint first_step(LsbTimeline *t, const LsbGuestMarks *m, gboolean own_kernel, gint64 sent,
                        gint64 *begun)
{
    *begun = t->guest_begun;
    if (t->resumed)
        return WIRE_MARK_PLAN;
    if (!m->set[WIRE_MARK_INIT])
        return WIRE_MARK_PLACES;
    if (own_kernel) {
        *begun = kernel_begun(t, m, sent);
        return WIRE_MARK_INIT;
    }
    *begun = MAX(lsb_guest_time(m, m->at[WIRE_MARK_INIT], sent), t->guest_begun);
    return WIRE_MARK_PLACES;
}

/*
 * When the guest sent READY: in a container its clock is ours; a machine's READY has come at once.
 * What it says is bounded by what we know.
 */
static gint64 sent_at(const LsbTimeline *t, const LsbGuestMarks *m, gboolean own_kernel, gint64 now)
{
    gint64 said = (gint64)(m->sent / 1000) - t->zero;
    return own_kernel ? now : CLAMP(said, t->guest_begun, now);
}

/* The steps follow each other, whatever the guest says: one that is said to be earlier than the one
 * before took no time. */
static void put_steps(LsbTimeline *t, const LsbGuestMarks *m, gboolean own_kernel)
{
    gint64 at, now = timeline_now(t), sent = sent_at(t, m, own_kernel, now);
    for (guint i = first_step(t, m, own_kernel, sent, &at); i < WIRE_MARK_END; i++) {
        if (!m->set[i])
            continue;
        gint64 ended = MAX(lsb_guest_time(m, m->at[i], sent), at);
        timeline_put(t, steps[i].lane, t->resumed && i == WIRE_MARK_PLAN ? "resume" : steps[i].name,
                     at, ended);
        at = ended;
    }
    timeline_put(t, LSB_LANE_INIT, "ready", at, now);
}

void lsb_timeline_guest(LsbTimeline *t, const LsbGuestMarks *marks, gboolean own_kernel)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&t->lock);
    if (!t->zero || t->told)
        return;
    t->told = TRUE;
    put_steps(t, marks, own_kernel);
}
