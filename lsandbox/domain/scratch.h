/*
 * Directories that are made on the host for a sandbox: temporary binds, copies of what the recipe
 * includes, and the directories that keep the writes of overlays.
 */
#ifndef LSANDBOX_DOMAIN_SCRATCH_H
#define LSANDBOX_DOMAIN_SCRATCH_H

#include <glib.h>
#include <sys/types.h>

#include "host/keeper.h"
#include "recipe/description.h"

/*
 * The user and group that a directory on the host is given to. A uid of -1: the directory stays
 * this process's own.
 */
typedef struct {
    uid_t uid;
    gid_t gid;
} LsbOwner;

/*
 * Make D's scratch directory, where D needs one, for OWNER alone, with temporary binds and included
 * copies in it. KEEPER removes the directory when this process dies. Blocking. Errors: LSB_ERRNO,
 * LSB_ERROR_INVALID for copies that are too large.
 */
gboolean lsb_scratch_make(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner,
                          GError **error);

/* Free the space of the included copies; the guest init has copied them into the guest. */
void lsb_scratch_drop_includes(const LsbDescription *d);

/* Remove the scratch directory PATH, without following symlinks; it may be missing. */
void lsb_scratch_remove(const char *path);

/*
 * Make the directories that keep the writes of D's overlays, and lock them by flock(2), so that no
 * other sandbox uses them. LOCKS gets descriptors, to be closed when the sandbox has ended. Errors:
 * LSB_ERRNO; LSB_ERROR_STATE where another sandbox has one; LSB_ERROR_INVALID where another user
 * owns one.
 */
gboolean lsb_uppers_lock(const LsbDescription *d, LsbOwner owner, GArray *locks, GError **error);

#endif
