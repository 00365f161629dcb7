/* The sandbox's own name in /etc/hosts. */
#ifndef LSANDBOX_INIT_HOSTSFILE_H
#define LSANDBOX_INIT_HOSTSFILE_H

#include "path.h"
#include "plan.h"

#include <stdbool.h>

/*
 * Give the plan's host name a line in /etc/hosts, because many programs want to resolve it. A
 * writable root gets the line in its file. Otherwise this returns true, and M is a TEXT mount
 * (wire.h) of the root's file with that line, whose source the caller frees. Nothing is done where
 * the file has the name, the plan brings an /etc/hosts, or the root can have none.
 */
bool hostsfile_make(const struct root *root, const struct plan *plan, struct plan_mount *m);

#endif
