/* The file operation pull: a tree of the guest, written below one directory of the host. */
#ifndef LSANDBOX_SESSION_PULL_H
#define LSANDBOX_SESSION_PULL_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/*
 * Copy SOURCE in the sandbox to TARGET on the host, as lsb_push_new() does the other way. Of the
 * modes only the permission bits are kept, so that the guest cannot make a set-user-ID file of the
 * host. LIMIT: bytes of file data; more of them, or more than a million entries, end the operation
 * as LSB_ERROR_OUTPUT_LIMIT.
 */
LsbFileOp *lsb_pull_new(LsbSession *session, const char *source, const char *target,
                        const char *user, guint64 limit, GError **error);

#endif
