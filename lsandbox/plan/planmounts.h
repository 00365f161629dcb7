/* TODO: say what planmounts is about. */
#ifndef LSANDBOX_PLAN_PLANMOUNTS_H
#define LSANDBOX_PLAN_PLANMOUNTS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/image.h"

/* Of LsbGuestMount, in the order in which they are made; SOURCES as for lsb_plan_guest(). Caller
 * unrefs. */
GPtrArray *lsb_plan_mounts(const LsbDescription *d, char **sources);

/* "xfs nouuid": as the options of a DISK mount. Caller frees. */
char *lsb_plan_disk_options(const LsbDescription *d, const LsbImage *image);

#endif
