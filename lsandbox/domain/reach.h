/* Whether another user of the host gets at a path. */
#ifndef LSANDBOX_DOMAIN_REACH_H
#define LSANDBOX_DOMAIN_REACH_H

#include <glib.h>
#include <sys/types.h>

/*
 * For root: try to open PATH, a file or directory, for reading as UID and GID without further
 * groups. 0, or the errno. Any thread; changes nothing of the caller's.
 */
int lsb_reach_try(const char *path, uid_t uid, gid_t gid);

#endif
