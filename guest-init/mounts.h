/* The plan's mounts, made in the plan's order. */
#ifndef LSANDBOX_INIT_MOUNTS_H
#define LSANDBOX_INIT_MOUNTS_H

#include "path.h"
#include "plan.h"

/* Make all of them. -1: failure_text() names the target. */
int mounts_make(struct root *root, const struct plan *plan);

#endif
