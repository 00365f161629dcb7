/*
 * The image that keeps what a machine writes over its root: DIRECTORY/machine.ext4. A guest may
 * have made anything of it, so only a machine's kernel ever mounts it, never the host's.
 */
#ifndef LSANDBOX_DOMAIN_KEPTIMAGE_H
#define LSANDBOX_DOMAIN_KEPTIMAGE_H

#include <glib.h>

#include "domain/scratch.h"
#include "host/keeper.h"
#include "recipe/description.h"

/*
 * Make the image of D's overlay where it is missing, OWNER's alone, and hold it against other
 * sandboxes: LOCKS gets a descriptor, to be closed when the machine has ended. Nothing to do where
 * D has none. KEEPER removes what is half made. Blocking. Errors: LSB_ERRNO; LSB_ERROR_STATE where
 * another sandbox has it; LSB_ERROR_INVALID where it is no image; LSB_ERROR_UNSUPPORTED where the
 * host has no mkfs.ext4.
 */
gboolean lsb_kept_hold(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner, GArray *locks,
                       GError **error);

#endif
