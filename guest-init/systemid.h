/*
 * What tells one system from another: machine id, boot id, host and domain name, time zone.
 */
#ifndef LSANDBOX_INIT_SYSTEMID_H
#define LSANDBOX_INIT_SYSTEMID_H

#include "path.h"
#include "plan.h"

/*
 * Put files of this sandbox's own over the root's: a random machine id and boot id where there are
 * such files, and the plan's time zone where it names one.
 */
int systemid_files(const struct root *root, const struct plan *plan);

/* The plan's host and domain name. */
int systemid_names(const struct plan *plan);

#endif
