/* The file operations read and write: the bytes of one file. */
#ifndef LSANDBOX_SESSION_FILECONTENT_H
#define LSANDBOX_SESSION_FILECONTENT_H

#include <glib.h>

#include "session/fileop.h"
#include "session/session.h"

/*
 * Read LENGTH bytes (G_MAXUINT64: all) of the file PATH, from byte OFFSET. LIMIT: the most bytes to
 * keep; where LENGTH and the file allow more, the operation ends as LSB_ERROR_OUTPUT_LIMIT. The
 * caller frees the operation; NULL with an error (see fileop.h).
 */
LsbFileOp *lsb_read_new(LsbSession *session, const char *path, guint64 offset, guint64 length,
                        guint64 limit, const char *user, GError **error);

/* The bytes that lsb_read_new() has read; borrowed. */
const guint8 *lsb_read_data(const LsbFileOp *op, gsize *length);

/*
 * Write DATA, of which a reference is kept, to the file PATH: at its end where APPEND, else in
 * place of what it holds. MODE: permission bits; -1 keeps those of the file, or gives a new file
 * 0644. The caller frees the operation; NULL with an error.
 */
LsbFileOp *lsb_write_new(LsbSession *session, const char *path, GBytes *data, int mode,
                         gboolean append, const char *user, GError **error);

#endif
