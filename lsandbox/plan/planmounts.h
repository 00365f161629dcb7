/* The mounts of a plan: what the guest init mounts, from which source, with which options. */
#ifndef LSANDBOX_PLAN_PLANMOUNTS_H
#define LSANDBOX_PLAN_PLANMOUNTS_H

#include <glib.h>

#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/image.h"

/*
 * For lsb_plan_new(), after exports and disks, whose names the mounts have as their sources. HOMES:
 * of all users of the root.
 */
void lsb_plan_add_mounts(LsbPlan *plan, char *const *homes);

/* The options of a WIRE_MOUNT_DISK of IMAGE, filesystem and all: "xfs nouuid". Caller frees. */
char *lsb_plan_disk_options(const LsbDescription *d, const LsbImage *image);

#endif
