/*
 * The image that keeps what a machine writes over its root: DIRECTORY/machine.ext4. A guest may
 * have written anything into it, so only a machine's kernel ever mounts it, never the host's.
 */
#ifndef LSANDBOX_DOMAIN_KEPTIMAGE_H
#define LSANDBOX_DOMAIN_KEPTIMAGE_H

#include <glib.h>

#include "domain/scratch.h"
#include "host/keeper.h"
#include "recipe/description.h"

/*
 * Lock the image of D's overlay by flock(2), so that no other sandbox uses it. An image that is
 * missing is made, for OWNER alone; KEEPER removes it if this process dies in the middle. LOCKS
 * gets a descriptor, to be closed when the machine has ended. Does nothing where D has no overlay.
 * Blocking. Errors: LSB_ERRNO; LSB_ERROR_STATE where another sandbox has the image;
 * LSB_ERROR_INVALID where the file is no image; LSB_ERROR_UNSUPPORTED where the host has no
 * mkfs.ext4.
 */
gboolean lsb_kept_image_lock(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner,
                             GArray *locks, GError **error);

#endif
