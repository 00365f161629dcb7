/*
 * The way from fork to exec: runs in the child only.
 */
#ifndef LSANDBOX_INIT_CHILD_H
#define LSANDBOX_INIT_CHILD_H

#include "request.h"

#include <stdbool.h>

/* What the child tells its parent when the program cannot be run; fits one atomic pipe write. */
struct child_report {
    int errnum;
    int status; /* 126 or 127, as a shell would exit */
    char text[1024];
};

/*
 * Become the program: a session and process group of its own, STDIO as descriptors 0 to 2, its
 * identity, its directory. On failure writes a struct child_report to REPORT (which closes on exec)
 * and ends.
 */
_Noreturn void child_run(const struct request *q, const int stdio[3], int report, bool lock_mounts);

/* To be called once at the start: remember the limits that we change for ourselves only. */
void child_remember_limits(void);

#endif
