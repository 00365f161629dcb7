/* Whether another user of the host can open a path. */
#ifndef LSANDBOX_DOMAIN_REACH_H
#define LSANDBOX_DOMAIN_REACH_H

#include <glib.h>
#include <sys/types.h>

/*
 * For root: try to open PATH, a file or directory, for reading as UID and GID without further
 * groups. Returns 0, or the errno. Any thread; the caller's own user and groups do not change.
 */
int lsb_reach_try(const char *path, uid_t uid, gid_t gid);

#endif
