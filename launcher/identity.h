/* The user, the groups and the capabilities that QEMU runs with. */
#ifndef LSANDBOX_LAUNCHER_IDENTITY_H
#define LSANDBOX_LAUNCHER_IDENTITY_H

#include "jail.h"

/*
 * Take the identity that JAIL names, for good: groups, gid, uid, and no capability in any set. A
 * process that is not root must have that identity already, and loses its capabilities. Root stays
 * as it is where the jail has no uid=. Errors are fatal.
 */
void identity_take(const struct jail *jail);

#endif
