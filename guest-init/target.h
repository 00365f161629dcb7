/* Whether something can be mounted at a target of the plan, which is open already. */
#ifndef LSANDBOX_INIT_TARGET_H
#define LSANDBOX_INIT_TARGET_H

#include "path.h"
#include "plan.h"

/*
 * Check the target of M, which FD (O_PATH) names: that it is a file where a file is to be put, else
 * a directory, and that no symlink leads it to a place of the sandbox's own. -1, with
 * failure_text().
 */
int target_check(const struct root *root, const struct plan_mount *m, int fd);

#endif
