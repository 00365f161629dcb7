/* Who QEMU runs as. */
#ifndef LSANDBOX_LAUNCHER_IDENTITY_H
#define LSANDBOX_LAUNCHER_IDENTITY_H

#include "jail.h"

/*
 * Take the identity that JAIL names, for good: groups, gid, uid, and no capability left in any set.
 * A process that is not root keeps its identity, which must be the one named, and also ends without
 * capabilities. Root without uid= stays as it is. Errors are fatal.
 */
void identity_take(const struct jail *jail);

#endif
