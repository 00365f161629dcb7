/*
 * The limits that the guest enforces, and which of them a program has met. In a machine only the
 * guest's kernel counts processes and knows that memory has run out. For a container the host's
 * control groups do both, and these functions find nothing.
 */
#ifndef LSANDBOX_INIT_GROUPLIMITS_H
#define LSANDBOX_INIT_GROUPLIMITS_H

#include "path.h"
#include "plan.h"
#include "request.h"

#include <sys/resource.h>
#include <sys/types.h>

/* What the kernel has counted so far. */
struct limits_seen {
    uint64_t oom_kills, refused_forks;
};

/* Machine, before each plan: make a control group for all programs. WORK as for basics_stage(). */
void limits_stage(const char *work);

/* Machine, before programs run: set the plan's limits on the group. -1, with failure_text(). */
int limits_prepare(const struct plan *plan);

/* As fork(2). The child begins in the group where that has room. */
pid_t limits_fork(void);

/* In the child, as root: enter the group, unless the child has begun there. */
int limits_enter(void);

/* Read the counters. */
struct limits_seen limits_look(void);

/* The hard limit of processor time in Q, in seconds; 0: none. */
uint64_t limits_cpu(const struct request *q);

/*
 * The enum wire_limit bits of a program that has ended: SEEN are the counters when it started, CPU
 * is its limits_cpu(), STATUS and USED are from wait4(2).
 */
uint32_t limits_met(const struct limits_seen *seen, uint64_t cpu, int status,
                    const struct rusage *used);

#endif
