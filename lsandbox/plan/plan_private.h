/* What the files of the plan share: the guest's mounts, before they are written down. */
#ifndef LSANDBOX_PLAN_PLAN_PRIVATE_H
#define LSANDBOX_PLAN_PLAN_PRIVATE_H

#include <glib.h>

#include "plan/plan.h"

/* One mount of the guest plan; the fields of shared/wire.h. */
typedef struct {
    guint32 kind, flags;
    char *source, *target, *options;
} LsbGuestMount;

#endif
