/* The file operation push: a tree of the host, read no faster than the guest takes it. */
#ifndef LSANDBOX_SESSION_PUSH_H
#define LSANDBOX_SESSION_PUSH_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/*
 * Copy SOURCE on the host to TARGET in the sandbox: a file, a symlink as a symlink, or a tree.
 * TARGET is the copy's name, or where it ends in "/" the directory that gets the copy. Modes and
 * times are kept; existing directories are filled, existing files replaced whole. Special files are
 * left out. The caller frees the operation; NULL with an error (see fileop.h).
 */
LsbFileOp *lsb_push_new(LsbSession *session, const char *source, const char *target,
                        const char *user, GError **error);

#endif
