/* A user namespace that exists for its maps alone: what idmapped mounts are made with. */
#ifndef LSANDBOX_HOST_USERNAMESPACE_H
#define LSANDBOX_HOST_USERNAMESPACE_H

#include <glib.h>

/*
 * Make one with the maps UIDS and GIDS, lines as in /proc/PID/uid_map (user_namespaces(7)), which
 * for a mount are "id in the filesystem, id of the host's kernel, count" (mount_setattr(2),
 * MOUNT_ATTR_IDMAP). Returns a descriptor, the caller's to close; -1 with errno. Root's; any thread.
 */
int lsb_user_namespace(const char *uids, const char *gids);

#endif
