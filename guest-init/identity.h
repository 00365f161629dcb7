/* The identity and the rights of a program, which its process takes for good before exec. */
#ifndef LSANDBOX_INIT_IDENTITY_H
#define LSANDBOX_INIT_IDENTITY_H

#include "request.h"

/* Set the resource limits of Q. -1, with failure_text(). */
int identity_limits(const struct request *q);

/*
 * Set groups, gid, uid, capabilities, no_new_privs and umask. The capabilities of Q survive exec
 * for any uid; all others are dropped, but for what filter_install() needs until the exec. -1, with
 * failure_text().
 */
int identity_take_on(const struct request *q);

/*
 * Whether a program with Q's capabilities could change the container's mounts, or control the init.
 */
bool identity_can_unlock(const struct request *q);

/*
 * Enter a user and a mount namespace below the container's, with the same ids. There the
 * container's mounts are locked: a program with CAP_SYS_ADMIN can neither make them writable nor
 * unmount one (mount_namespaces(7), "Restrictions on mount namespaces"). -1, with failure_text().
 */
int identity_lock_mounts(void);

#endif
