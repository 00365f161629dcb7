/* What the guest tells of its own time, in the host's. */
#ifndef LSANDBOX_BASE_TIMELINEGUEST_H
#define LSANDBOX_BASE_TIMELINEGUEST_H

#include <glib.h>

#include "base/guestmarks.h"
#include "base/timeline.h"

/* The guest may run from now on: nothing that it says of itself was earlier. */
void lsb_timeline_guest_begins(LsbTimeline *t);

/* It goes on now from a saved state: the marks before its plan are of that state's own boot. */
void lsb_timeline_guest_resumes(LsbTimeline *t);

/* What its marks say, in the moment in which READY has come. OWN_KERNEL: its clock is its own. */
void lsb_timeline_guest(LsbTimeline *t, const LsbGuestMarks *marks, gboolean own_kernel);

#endif
