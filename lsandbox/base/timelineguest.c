/* The spans of a timeline that the guest reports, converted to the host's clock. */
#include "base/timelineguest.h"

#include "base/guestmarks.h"
#include "base/timeline_private.h"
#include "shared/wire.h"

typedef struct {
    LsbLane lane;
    const char *name;
} Step;

/* For each mark, the component that was at work until the guest init set the mark. */
static const Step steps[WIRE_MARK_END] = {
    [WIRE_MARK_INIT] = {LSB_LANE_KERNEL, "kernel"},
    [WIRE_MARK_PLACES] = {LSB_LANE_INIT, "places"},
    [WIRE_MARK_MODULES] = {LSB_LANE_INIT, "modules"},
    [WIRE_MARK_PORT] = {LSB_LANE_INIT, "relay port"},
    [WIRE_MARK_STAGED] = {LSB_LANE_MOUNTS, "/dev, /proc, /sys made"},
    [WIRE_MARK_HELLO] = {LSB_LANE_INIT, "hello"},
    [WIRE_MARK_PLAN] = {LSB_LANE_HOST, "plan is sent"},
    [WIRE_MARK_FRESH] = {LSB_LANE_INIT, "clock and random numbers"},
    [WIRE_MARK_ROOT] = {LSB_LANE_MOUNTS, "root"},
    [WIRE_MARK_NETWORK] = {LSB_LANE_INIT, "network"},
    [WIRE_MARK_BASICS] = {LSB_LANE_MOUNTS, "/dev, /proc, /sys"},
    [WIRE_MARK_MOUNTS] = {LSB_LANE_MOUNTS, "mounts"},
    [WIRE_MARK_SWITCH] = {LSB_LANE_MOUNTS, "switch of the root"},
    [WIRE_MARK_LEASE] = {LSB_LANE_INIT, "names and leases"},
};

/* The step up to the plan for a guest that sent its HELLO before it was saved. */
static const Step resume = {LSB_LANE_INIT, "resume"};

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
 * The moments of the guest's clock that the host knows. A machine's clock stands still while the
 * machine does, as it does while a template is made between HELLO and the plan.
 */
typedef struct {
    const LsbGuestMarks *m;
    gint64 sent;  /* when the guest sent READY */
    gint64 hello; /* when HELLO arrived; 0: this process received none */
} Known;

/*
 * A container's clock is the host's, so that its report of the moment of sending counts, within the
 * bounds that the host knows. A machine's READY is taken to arrive in the moment it is sent.
 */
static Known known(const LsbTimeline *t, const LsbGuestMarks *m, gboolean own_kernel, gint64 now)
{
    gint64 said = (gint64)(m->sent / 1000) - t->zero;
    return (Known){.m = m,
                   .sent = own_kernel ? now : CLAMP(said, t->guest_begun, now),
                   .hello = m->set[WIRE_MARK_HELLO] ? t->reached[LSB_REACHED_HELLO] : 0};
}

/* The host's time of the guest's TIME, which was not after the guest's MARK. */
static gint64 host_time(const Known *k, enum wire_mark mark, guint64 time)
{
    gint64 by_ready = lsb_guest_time(k->m->sent, k->sent, time);
    if (mark > WIRE_MARK_HELLO || k->hello == 0)
        return by_ready;
    return MIN(by_ready, lsb_guest_time(k->m->at[WIRE_MARK_HELLO], k->hello, time));
}

/*
 * The host's time of the first TIME on the guest's clock. If libvirt had created the domain before
 * that moment, a span NAME fills the time between the two.
 */
static gint64 guest_heard(LsbTimeline *t, const Known *k, guint64 time, LsbLane lane,
                          const char *name)
{
    gint64 begun = MAX(host_time(k, WIRE_MARK_INIT, time), t->guest_begun);
    gint64 created = t->reached[LSB_REACHED_DOMAIN];
    if (begun > created && created >= t->guest_begun)
        timeline_put(t, lane, name, created, begun);
    return begun;
}

/*
 * The first mark that counts; *BEGUN is when the step up to it began. A machine's clock starts at 0
 * when its kernel begins to keep time, after the firmware and the unpacking of the kernel.
 * libvirt's LXC controller prepares a container after libvirt's call has returned.
 */
static guint first_step(LsbTimeline *t, const Known *k, gboolean own_kernel, gint64 *begun)
{
    *begun = t->guest_begun;
    if (t->resumed)
        return WIRE_MARK_PLAN;
    if (!k->m->set[WIRE_MARK_INIT])
        return WIRE_MARK_PLACES;
    if (own_kernel) {
        *begun = guest_heard(t, k, 0, LSB_LANE_QEMU, "firmware, early kernel");
        return WIRE_MARK_INIT;
    }
    *begun = guest_heard(t, k, k->m->at[WIRE_MARK_INIT], LSB_LANE_LIBVIRT, "controller");
    return WIRE_MARK_PLACES;
}

/*
 * The steps follow each other, whatever the guest reports: a step that it reports to have ended
 * before the step before it gets a length of 0.
 */
static void put_steps(LsbTimeline *t, const LsbGuestMarks *m, gboolean own_kernel)
{
    gint64 at, now = timeline_now(t);
    Known k = known(t, m, own_kernel, now);
    for (guint i = first_step(t, &k, own_kernel, &at); i < WIRE_MARK_END; i++) {
        if (!m->set[i])
            continue;
        const Step *step = t->resumed && i == WIRE_MARK_PLAN ? &resume : &steps[i];
        gint64 ended = MAX(host_time(&k, (enum wire_mark)i, m->at[i]), at);
        timeline_put(t, step->lane, step->name, at, ended);
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
