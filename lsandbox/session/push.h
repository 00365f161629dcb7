/* push: a tree of the host, read as the program takes it. */
#ifndef LSANDBOX_SESSION_PUSH_H
#define LSANDBOX_SESSION_PUSH_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/*
 * Copy SOURCE, the host's, to TARGET in the sandbox: a file, a symlink as it is, or a tree. TARGET
 * is the copy's name, or with "/" at its end the directory to put it in. Modes and times are kept;
 * directories that are there are filled, files replaced whole. Special files are left out.
 */
LsbFileOp *lsb_push_new(LsbSession *session, const char *source, const char *target, const char *user,
                        GError **error);

#endif
