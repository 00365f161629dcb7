/* Copies of files of the host, put in place before any program runs. */
#ifndef LSANDBOX_INIT_INCLUDE_H
#define LSANDBOX_INIT_INCLUDE_H

#include "path.h"
#include "plan.h"

/* Make the copy for M, a mount of the kind WIRE_MOUNT_INCLUDE. -1, with failure_text(). */
int include_make(struct root *root, const struct plan_mount *m);

/* All copies are made: close the host's directory. */
void include_done(void);

#endif
