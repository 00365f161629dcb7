/*
 * Paths of the host that a file operation starts from, when the sandbox may be at work in the same
 * directories.
 */
#ifndef LSANDBOX_SESSION_HOSTPATH_H
#define LSANDBOX_SESSION_HOSTPATH_H

#include <glib.h>

#include "recipe/description.h"

/*
 * Open the directory that PATH (the host's; relative to the working directory) lies in, O_PATH.
 * Symlinks are followed as usual, but not once the path has come into a directory that a sandbox
 * made from D can write: one in there may be of the sandbox's making, and name any file of the
 * host. NAME gets the last part of the path ("." for the root), which is not looked at; caller
 * frees. -1 with an errno's error.
 */
int lsb_hostpath_open_parent(const LsbDescription *d, const char *path, char **name,
                             GError **error);

#endif
