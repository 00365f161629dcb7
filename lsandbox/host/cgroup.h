/*
 * Control groups as this process sees them, of version 1 and 2 (cgroups(7)): where a process is,
 * making groups for the processes of one sandbox, and the few files that its limits need. Nothing
 * here knows of libvirt. Any thread; one LsbGroups belongs to one thread at a time.
 */
#ifndef LSANDBOX_HOST_CGROUP_H
#define LSANDBOX_HOST_CGROUP_H

#include <glib.h>

#include "host/keeper.h"
#include "recipe/limitfields.h"
#include "base/limitevents.h"

typedef enum { LSB_CPU, LSB_MEMORY, LSB_IO, LSB_PIDS, LSB_CONTROLLERS } LsbController;

/* The groups of a sandbox: for each controller the directory, or NULL. All zero: none. */
typedef struct {
    char *dir[LSB_CONTROLLERS];
    gboolean v2[LSB_CONTROLLERS];
    gboolean ours[LSB_CONTROLLERS]; /* made by us, and removed by lsb_groups_end() */
} LsbGroups;

/* Whether the CPU controller of this host is of version 2, whose shares are weights from 1 to
 * 10000. */
gboolean lsb_cgroup_has_weights(void);

/*
 * SHARES, of which 1024 are everybody's, as a weight, of which everybody has 100 (cgroup-v2.rst).
 */
guint lsb_cgroup_weight(guint shares);

/*
 * The groups that process PID is in, below the top of their hierarchies. Of version 2 they are
 * given the controllers that they lack, as far as we may.
 */
void lsb_groups_find(LsbGroups *g, int pid);

/* A bit for each controller that T needs on the host's side, for a machine. 0: none. */
guint lsb_groups_needed(const LsbTuning *t);

/*
 * Make groups of our own, called NAME, for the controllers in NEEDED: as near to our own place as
 * the host lets us, so that limits which hold for us go on holding. KEEPER (or NULL) removes them
 * if we do not live to do it. LSB_ERROR_UNSUPPORTED says what is missing, and names FIELD.
 */
gboolean lsb_groups_make(LsbGroups *g, guint needed, const char *name, const char *field,
                         LsbKeeper *keeper, GError **error);

/* Put PID into the groups that are ours. */
gboolean lsb_groups_enter(const LsbGroups *g, int pid, GError **error);

/*
 * Write limits into the groups, of those that T names; where it names none nothing changes. MEMORY:
 * bytes of the hard limit where T has none, 0: as it is. LSB_ERROR_UNSUPPORTED where the kernel has
 * not got it, LSB_ERRNO.
 */
gboolean lsb_groups_set_cpu(const LsbGroups *g, const LsbTuning *t, GError **error);
gboolean lsb_groups_set_memory(const LsbGroups *g, const LsbTuning *t, guint64 memory,
                               GError **error);
gboolean lsb_groups_set_block(const LsbGroups *g, const LsbTuning *t, GError **error);
gboolean lsb_groups_set_pids(const LsbGroups *g, guint pids, GError **error);

/* What the kernel has counted; 0 where there is no such group. */
LsbLimitEvents lsb_groups_events(const LsbGroups *g);

/* Bytes: the most that was in use; processes and threads now. 0: not known. */
guint64 lsb_groups_memory_peak(const LsbGroups *g);
guint64 lsb_groups_pids(const LsbGroups *g);

/* Remove what is ours; its processes are gone or about to go. Blocking, for some milliseconds. */
void lsb_groups_end(LsbGroups *g);

#endif
