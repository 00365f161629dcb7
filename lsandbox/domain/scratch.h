/*
 * Directories of the host that a sandbox needs besides those that the recipe names: temporary
 * binds, copies of what is included, and what keeps the writes of overlays.
 */
#ifndef LSANDBOX_DOMAIN_SCRATCH_H
#define LSANDBOX_DOMAIN_SCRATCH_H

#include <glib.h>
#include <sys/types.h>

#include "host/keeper.h"
#include "recipe/description.h"

/* Who owns them on the host: uid_t -1: this process's own user, nothing is given away. */
typedef struct {
    uid_t uid;
    gid_t gid;
} LsbOwner;

/*
 * Make D's scratch directory, where it needs one, OWNER's alone, and fill it: temporary binds,
 * copies of what is included. KEEPER removes it where we do not come to it. Blocking. Errors:
 * LSB_ERRNO, LSB_ERROR_INVALID for copies that are too large.
 */
gboolean lsb_scratch_make(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner,
                          GError **error);

/* What is included has been copied by the guest: its memory or disk space is free again. */
void lsb_scratch_drop_includes(const LsbDescription *d);

/* PATH of a scratch directory; follows no symlink. Missing is fine. */
void lsb_scratch_remove(const char *path);

/*
 * Make ready what keeps the writes of D's overlays, and hold it against other sandboxes: LOCKS gets
 * descriptors, to be closed when the sandbox has ended. Errors: LSB_ERRNO; LSB_ERROR_STATE where
 * another one has it; LSB_ERROR_INVALID where it is another user's.
 */
gboolean lsb_uppers_hold(const LsbDescription *d, LsbOwner owner, GArray *locks, GError **error);

#endif
