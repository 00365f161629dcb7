/* TODO: say what planexports is about. */
#ifndef LSANDBOX_PLAN_PLANEXPORTS_H
#define LSANDBOX_PLAN_PLANEXPORTS_H

#include <glib.h>

#include "recipe/description.h"

GPtrArray *lsb_plan_exports(const LsbDescription *d); /* of LsbExport; caller unrefs */

/* Host paths below the root that no sandbox may see by its root: homes, and what is private or
 * virtual. */
char **lsb_plan_hidden(const LsbDescription *d);

/*
 * Where in DIRECTORY, which the recipe names, a container keeps the writes of an overlay: in a form
 * of its own, which another kind would not read. Caller frees.
 */
char *lsb_plan_upper(const char *directory);

/* The directory of what is included, and the name in it of number INDEX. Caller frees. */
char *lsb_plan_include_dir(const LsbDescription *d);
char *lsb_plan_include_name(guint index);

/* Whether M's owners and modes are the guest's own affair (LsbExport). */
gboolean lsb_plan_is_mapped(const LsbDescription *d, const LsbMount *m);

#endif
