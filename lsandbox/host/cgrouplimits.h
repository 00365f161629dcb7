/*
 * The limits of a sandbox as files of its control groups (cgroup.h): cpu, memory, block devices,
 * processes.
 */
#ifndef LSANDBOX_HOST_CGROUPLIMITS_H
#define LSANDBOX_HOST_CGROUPLIMITS_H

#include <glib.h>

#include "host/cgroup.h"
#include "recipe/limitfields.h"

/*
 * Write the limits that T names into the groups; the others stay as they are. MEMORY is the hard
 * limit in bytes where T has none; 0: as it is. LSB_ERROR_UNSUPPORTED where the kernel has no such
 * limit, LSB_ERRNO.
 */
gboolean lsb_groups_set_cpu(const LsbGroups *g, const LsbTuning *t, GError **error);
gboolean lsb_groups_set_memory(const LsbGroups *g, const LsbTuning *t, guint64 memory,
                               GError **error);
gboolean lsb_groups_set_block(const LsbGroups *g, const LsbTuning *t, GError **error);
gboolean lsb_groups_set_pids(const LsbGroups *g, guint pids, GError **error);

#endif
