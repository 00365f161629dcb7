/* Mounts that show a directory of the host and take writes elsewhere: overlays. */
#ifndef LSANDBOX_INIT_LAYERS_H
#define LSANDBOX_INIT_LAYERS_H

#include "path.h"
#include "plan.h"

/* Mount M, of the kind WIRE_MOUNT_OVERLAY, onto TARGET. -1 and errno. */
int layers_mount(struct root *root, const struct plan_mount *m, int target);

#endif
