/* The system call filter of a program (seccomp(2)). */
#ifndef LSANDBOX_INIT_FILTER_H
#define LSANDBOX_INIT_FILTER_H

#include "request.h"

/*
 * Install the filter that came with Q, if one did. The child does this last before exec, because
 * the filter applies to everything after it. Needs no_new_privs, or CAP_SYS_ADMIN
 * (identity_take_on()). -1, with failure_text().
 */
int filter_install(const struct request *q);

#endif
