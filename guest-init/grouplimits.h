/*
 * The limits that the guest keeps itself, and which of them a program has met. A machine's kernel
 * is its own: only it knows of processes and of memory that has run out. For a container the host
 * does both, and what is here counts nothing.
 */
#ifndef LSANDBOX_INIT_GROUPLIMITS_H
#define LSANDBOX_INIT_GROUPLIMITS_H

#include "path.h"
#include "plan.h"
#include "request.h"

#include <sys/resource.h>
#include <sys/types.h>

/* What has been counted so far. */
struct limits_seen {
    uint64_t oom_kills, refused_forks;
};

/* Machine, before there is a plan: a control group for all programs. WORK: as for basics_stage(). */
void limits_stage(const char *work);

/* Machine, before programs run: the plan's limits on that group. -1: see failure_text(). */
int limits_prepare(const struct plan *plan);

/* As fork(2), and into that group where it has room. */
pid_t limits_fork(void);

/* In the child, as root: go into that group, if it is not there already. */
int limits_enter(void);

struct limits_seen limits_look(void);

/* The hard limit of its processor time in Q, in seconds; 0: none. */
uint64_t limits_cpu(const struct request *q);

/*
 * enum wire_limit bits of a program: SEEN when it started, its STATUS from wait4(2), what it used.
 */
uint32_t limits_met(const struct limits_seen *seen, uint64_t cpu, int status,
                    const struct rusage *used);

#endif
