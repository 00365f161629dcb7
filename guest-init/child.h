/* What the child of the guest init does between fork and exec of a program. */
#ifndef LSANDBOX_INIT_CHILD_H
#define LSANDBOX_INIT_CHILD_H

#include "request.h"

#include <stdbool.h>

/* Why a program cannot be run. Small enough for one write to a pipe to be atomic (pipe(7)). */
struct child_report {
    int errnum;
    int status; /* 126 or 127, as a shell would exit */
    char text[1024];
};

/*
 * Become the program that Q asks for: with a session and process group of its own, STDIO as
 * descriptors 0 to 2, its identity and its directory. LOCK_MOUNTS: keep a program with capabilities
 * from changing the sandbox's mounts. On failure, write a struct child_report to REPORT, which
 * closes on exec, and exit.
 */
_Noreturn void child_run(const struct request *q, const int stdio[3], int report, bool lock_mounts);

/* Remember the limits that the init changes for itself only. Call it once, at the start. */
void child_remember_limits(void);

#endif
