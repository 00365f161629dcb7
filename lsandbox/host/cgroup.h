/*
 * Control groups as this process sees them, of version 1 and 2 (cgroups(7)): finding those of a
 * process, making groups for the processes of one sandbox, and their files. Nothing here knows of
 * libvirt. Any thread; one LsbGroups belongs to one thread at a time.
 */
#ifndef LSANDBOX_HOST_CGROUP_H
#define LSANDBOX_HOST_CGROUP_H

#include <glib.h>

#include "base/limitevents.h"
#include "host/keeper.h"
#include "recipe/limitfields.h"

typedef enum { LSB_CPU, LSB_MEMORY, LSB_IO, LSB_PIDS, LSB_CONTROLLERS } LsbController;

/* The groups of a sandbox: for each controller the directory, or NULL. All zero: none. */
typedef struct {
    char *dir[LSB_CONTROLLERS];
    gboolean v2[LSB_CONTROLLERS];
    gboolean ours[LSB_CONTROLLERS]; /* made by lsb_groups_make(), removed by lsb_groups_end() */
} LsbGroups;

/*
 * Whether the CPU controller of this host is of version 2, which has weights from 1 to 10000
 * instead of shares.
 */
gboolean lsb_cgroup_has_weights(void);

/* SHARES as a weight: the usual 1024 shares are the usual weight of 100 (cgroup-v2.rst). */
guint lsb_cgroup_weight(guint shares);

/*
 * Set G to the groups that process PID is in, below the top of their hierarchies. A group of
 * version 2 is given the controllers that it lacks, where this process may do that.
 */
void lsb_groups_find(LsbGroups *g, int pid);

/* A bit for each controller that T needs on the host for a machine; 0: none. */
guint lsb_groups_needed(const LsbTuning *t);

/*
 * Make groups called NAME for the controllers in NEEDED, as near below this process's own group as
 * the host allows, so that limits on this process hold for them, too. KEEPER (or NULL) removes them
 * if this process is killed before lsb_groups_end(). LSB_ERROR_UNSUPPORTED says what is missing,
 * and names FIELD.
 */
gboolean lsb_groups_make(LsbGroups *g, guint needed, const char *name, const char *field,
                         LsbKeeper *keeper, GError **error);

/* Put the process PID into the groups that lsb_groups_make() made. */
gboolean lsb_groups_enter(const LsbGroups *g, int pid, GError **error);

/*
 * Write TEXT to, or a number to or from, FILE of the group of controller C. Writing fails with
 * LSB_ERROR_UNSUPPORTED where there is no such file, LSB_ERRNO. A number that cannot be read is 0.
 */
gboolean lsb_groups_write(const LsbGroups *g, LsbController c, const char *file, const char *text,
                          GError **error);
gboolean lsb_groups_write_number(const LsbGroups *g, LsbController c, const char *file, guint64 n,
                                 GError **error);
guint64 lsb_groups_read_number(const LsbGroups *g, LsbController c, const char *file);
gboolean lsb_groups_has_file(const LsbGroups *g, LsbController c, const char *file);

/* What the kernel has counted for the groups; 0 where there is no group that counts it. */
LsbLimitEvents lsb_groups_events(const LsbGroups *g);

/* The most bytes of memory that were in use at once; 0: not known. */
guint64 lsb_groups_memory_peak(const LsbGroups *g);
/* How many processes and threads are in the groups now; 0: not known. */
guint64 lsb_groups_pids(const LsbGroups *g);

/*
 * Remove the groups that lsb_groups_make() made, whose processes have been killed, and free G.
 * KEEPER (or NULL) forgets the removed groups; it goes on watching one that could not be removed.
 * Blocks for some milliseconds.
 */
void lsb_groups_end(LsbGroups *g, LsbKeeper *keeper);

#endif
