/* pull: a tree of the guest, written below a directory of the host's and nowhere else. */
#ifndef LSANDBOX_SESSION_PULL_H
#define LSANDBOX_SESSION_PULL_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/*
 * The other way. Only the permission bits are kept: no file of the host becomes set-user-ID by the
 * guest's word. LIMIT: bytes of file data; more, or more than a million entries, ends as
 * LSB_ERROR_OUTPUT_LIMIT.
 */
LsbFileOp *lsb_pull_new(LsbSession *session, const char *source, const char *target, const char *user,
                        guint64 limit, GError **error);

#endif
