/* User namespaces that no process is in, made for the id maps of idmapped mounts. */
#ifndef LSANDBOX_HOST_USERNAMESPACE_H
#define LSANDBOX_HOST_USERNAMESPACE_H

#include <glib.h>

/*
 * Make a namespace with the maps UIDS and GIDS, lines as in /proc/PID/uid_map (user_namespaces(7)),
 * which for a mount are "id in the filesystem, id of the host's kernel, count" (mount_setattr(2),
 * MOUNT_ATTR_IDMAP). Returns a descriptor that the caller closes; -1 with errno. For root; any
 * thread.
 */
int lsb_user_namespace(const char *uids, const char *gids);

#endif
