/* The guest plan: the bytes that the guest init reads and carries out (shared/wire.h). */
#ifndef LSANDBOX_PLAN_GUESTPLAN_H
#define LSANDBOX_PLAN_GUESTPLAN_H

#include <glib.h>

#include "plan/plan.h"

/*
 * Seconds that leases may take. dnsmasq asks for 3 s whether somebody has the address already; the
 * rest is for hosts that are busy. Less than a start may take.
 */
enum { LSB_LEASE_SECONDS = 15 };

/* SILENCE: seconds from the start in which no lease can arrive (networkhost.h). Caller unrefs. */
GBytes *lsb_plan_guest(const LsbPlan *plan, guint silence);

#endif
