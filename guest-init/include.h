/* Copies of host files, put in their places before anything runs. */
#ifndef LSANDBOX_INIT_INCLUDE_H
#define LSANDBOX_INIT_INCLUDE_H

#include "path.h"
#include "plan.h"

/* Make the copy that M, of the kind WIRE_MOUNT_INCLUDE, stands for. -1: failure_text(). */
int include_make(struct root *root, const struct plan_mount *m);

/* Let the host's side go. */
void include_done(void);

#endif
