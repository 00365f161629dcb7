/*
 * Who a program is and what it may do: set between fork and exec, in the child, for good.
 */
#ifndef LSANDBOX_INIT_IDENTITY_H
#define LSANDBOX_INIT_IDENTITY_H

#include "request.h"

/* The resource limits asked for. -1: failure_text() says which. */
int identity_limits(const struct request *q);

/*
 * Groups, gid, uid, capabilities (kept over exec for any uid when asked for, all sets emptied
 * else), no_new_privs, umask. What filter_install() needs is
 * kept until the exec.
 */
int identity_take_on(const struct request *q);

/* Whether the capabilities that REQUEST keeps are enough to take on the init, and so its mounts. */
bool identity_can_unlock(const struct request *q);

/*
 * Go into a user and a mount namespace below the container's, with the same ids. There the
 * container's mounts are locked: a program with CAP_SYS_ADMIN can neither make them writable nor
 * take one away (mount_namespaces(7), "Restrictions on mount namespaces").
 */
int identity_lock_mounts(void);

#endif
