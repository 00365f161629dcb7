/* What the files of the plan share: the guest's mounts, before they are written down. */
#ifndef LSANDBOX_PLAN_PRIVATE_H
#define LSANDBOX_PLAN_PRIVATE_H

#include "plan/plan.h"

/* One mount of the guest plan; the fields of shared/wire.h. */
typedef struct {
    guint32 kind, flags;
    char *source, *target, *options;
} LsbGuestMount;

/* Of LsbGuestMount, in the order in which they are made; SOURCES as for lsb_plan_guest(). Caller
 * unrefs. */
GPtrArray *lsb_plan_mounts(const LsbDescription *d, char **sources);

/* "xfs nouuid": as the options of a DISK mount. Caller frees. */
char *lsb_plan_disk_options(const LsbDescription *d, const LsbImage *image);

/* Whether M's owners and modes are the guest's own affair (LsbExport). */
gboolean lsb_plan_is_mapped(const LsbDescription *d, const LsbMount *m);

/* Whether the root has to be an overlay for MOUNTS; whether one of them is one. */
gboolean lsb_plan_root_needs_overlay(const LsbDescription *d, GPtrArray *mounts);
gboolean lsb_plan_has_overlay(GPtrArray *mounts);

#endif
