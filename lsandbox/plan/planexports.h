/* The exports of a plan: which trees of the host the sandbox gets, and what stays hidden. */
#ifndef LSANDBOX_PLAN_PLANEXPORTS_H
#define LSANDBOX_PLAN_PLANEXPORTS_H

#include <glib.h>

#include "plan/plan.h"
#include "recipe/description.h"

/* For lsb_plan_new(). */
void lsb_plan_add_exports(LsbPlan *plan);

/*
 * For lsb_plan_new(): host paths below the root that a sandbox with that root must not see, which
 * are the HOMES of the root's users, and places that are private or virtual.
 */
void lsb_plan_add_hidden(LsbPlan *plan, char *const *homes);

/*
 * The path in DIRECTORY, which the recipe names, where a container keeps the writes of an overlay.
 * It is a container's own, because a machine keeps writes in another form. Caller frees.
 */
char *lsb_plan_upper(const char *directory);

/*
 * The host directory with the copies of what D includes, and the name in it of the copy for element
 * INDEX (from 0) of D's includes. Caller frees.
 */
char *lsb_plan_include_dir(const LsbDescription *d);
char *lsb_plan_include_name(guint index);

#endif
