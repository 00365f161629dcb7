/* read and write: one file's bytes. */
#ifndef LSANDBOX_SESSION_FILECONTENT_H
#define LSANDBOX_SESSION_FILECONTENT_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/* LENGTH bytes from OFFSET; a file that holds more than LIMIT of them is LSB_ERROR_OUTPUT_LIMIT. */
LsbFileOp *lsb_read_new(LsbSession *session, const char *path, guint64 offset, guint64 length,
                        guint64 limit, const char *user, GError **error);

/* What has been read; borrowed. */
const guint8 *lsb_read_data(const LsbFileOp *op, gsize *length);

/* MODE -1: the file's own, or for a new one as umask 022 leaves it. Takes a reference to DATA. */
LsbFileOp *lsb_write_new(LsbSession *session, const char *path, GBytes *data, int mode, gboolean append,
                         const char *user, GError **error);

#endif
