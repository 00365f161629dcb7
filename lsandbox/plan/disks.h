/* The images of a plan: in which order the sandbox gets them, and which modules they need. */
#ifndef LSANDBOX_PLAN_DISKS_H
#define LSANDBOX_PLAN_DISKS_H

#include <glib.h>

#include "plan/plan.h"
#include "recipe/description.h"

/* For lsb_plan_new(), after lsb_plan_add_exports(), whose descriptors come first. */
void lsb_plan_add_disks(LsbPlan *plan);

/* Whether a sandbox of D gets any image. */
gboolean lsb_disks_any(const LsbDescription *d);

/*
 * The names of the modules that a machine needs for its disks; an empty array where it needs none.
 * Caller frees with g_strfreev().
 */
char **lsb_disks_modules(const LsbPlan *plan);

#endif
