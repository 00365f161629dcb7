/* What tells one system from another: machine, boot and product id, names, time zone. */
#ifndef LSANDBOX_INIT_SYSTEMID_H
#define LSANDBOX_INIT_SYSTEMID_H

#include "path.h"
#include "plan.h"

/*
 * Make files for random ids, still empty, and put those over the kernel's that are in ROOT's /proc
 * and /sys. Once for each plan, before it.
 */
int systemid_prepare(const struct root *root);

/*
 * Fill them, and put them over the root's where there are such files; and the plan's time zone, where
 * it names one.
 */
int systemid_files(const struct root *root, const struct plan *plan);

/* The plan's host and domain name. */
int systemid_names(const struct plan *plan);

#endif
