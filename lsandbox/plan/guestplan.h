/* The guest plan: the bytes that the guest init reads and carries out (shared/wire.h). */
#ifndef LSANDBOX_PLAN_GUESTPLAN_H
#define LSANDBOX_PLAN_GUESTPLAN_H

#include <glib.h>

#include "plan/plan.h"

/*
 * Seconds that the guest init may wait for leases. dnsmasq needs 3 s, in which it asks whether
 * another host has the address already; the rest is for busy hosts. A whole start may take longer
 * (sandbox/start.c).
 */
enum { LSB_LEASE_SECONDS = 15 };

/*
 * The bytes of PLAN for lsb_session_send_plan(). SILENCE: seconds from the start in which no lease
 * can arrive (domain/networkhost.h). Caller unrefs.
 */
GBytes *lsb_plan_guest(const LsbPlan *plan, guint silence);

#endif
