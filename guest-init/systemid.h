/* What distinguishes this system from others: machine, boot and product id, names, time zone. */
#ifndef LSANDBOX_INIT_SYSTEMID_H
#define LSANDBOX_INIT_SYSTEMID_H

#include "path.h"
#include "plan.h"

/*
 * Before each plan: make files for random ids, not filled yet, and put them over the kernel's files
 * in ROOT's /proc and /sys. -1, with failure_text().
 */
int systemid_prepare(const struct root *root);

/*
 * Fill the files, and put them over the root's files, too, where it has them. Put the plan's time
 * zone over the root's where the plan names one. -1, with failure_text().
 */
int systemid_files(const struct root *root, const struct plan *plan);

/* Set the plan's host name and domain name. -1, with failure_text(). */
int systemid_names(const struct plan *plan);

#endif
