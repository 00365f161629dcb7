/* The spans of a timeline that the guest reports, converted to the host's clock. */
#ifndef LSANDBOX_BASE_TIMELINEGUEST_H
#define LSANDBOX_BASE_TIMELINEGUEST_H

#include <glib.h>

#include "base/guestmarks.h"
#include "base/timeline.h"

/* The guest may run from now on; no time that it reports can be earlier. */
void lsb_timeline_guest_begins(LsbTimeline *t);

/*
 * The guest goes on from a saved state now; its marks before the plan are from that state's boot.
 */
void lsb_timeline_guest_resumes(LsbTimeline *t);

/*
 * Add the spans that MARKS report. Called when READY arrives. OWN_KERNEL: the guest is a machine,
 * whose clock is not the host's.
 */
void lsb_timeline_guest(LsbTimeline *t, const LsbGuestMarks *marks, gboolean own_kernel);

#endif
