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

/* What has been counted so far. */
struct limits_seen {
    uint64_t oom_kills, refused_forks;
};

/* Machine, before programs run: a control group for all of them. -1: see failure_text(). */
int limits_prepare(const struct root *root, const struct plan *plan);

/* In the child, as root: go into that group. */
int limits_enter(void);

struct limits_seen limits_look(void);

/* The hard limit of its processor time in Q, in seconds; 0: none. */
uint64_t limits_cpu(const struct request *q);

/* enum wire_limit bits of a program: SEEN when it started, its STATUS from wait4(2), what it used.
 */
uint32_t limits_met(const struct limits_seen *seen, uint64_t cpu, int status,
                    const struct rusage *used);

#endif
