/* Opening a directory of the host that a sandbox may be changing at the same time. */
#ifndef LSANDBOX_SESSION_HOSTPATH_H
#define LSANDBOX_SESSION_HOSTPATH_H

#include <glib.h>

#include "session/profile.h"

/*
 * Open, with O_PATH, the directory of the host that holds PATH; a relative PATH starts from the
 * working directory. Symlinks are followed as usual until the path enters a directory that PROFILE
 * calls writable, and refused (ELOOP) from there on, because the sandbox may have made them and
 * they can name any file of the host. NAME gets the last part of the path ("." for the root), which
 * is not looked at; the caller frees it. Returns a descriptor that the caller closes; -1 with
 * LSB_ERRNO.
 */
int lsb_hostpath_open_parent(const LsbProfile *profile, const char *path, char **name,
                             GError **error);

#endif
