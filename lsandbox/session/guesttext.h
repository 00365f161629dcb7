/*
 * Text that the guest wrote, made printable, because messages with it may be shown on a terminal.
 */
#ifndef LSANDBOX_SESSION_GUESTTEXT_H
#define LSANDBOX_SESSION_GUESTTEXT_H

#include <glib.h>

#include "shared/wire.h"

/*
 * LEN bytes as one line of valid UTF-8, with "?" for each character that is not printable (U+009B
 * begins a control sequence, too). Caller frees.
 */
char *lsb_guest_text(const void *data, gsize len);

/*
 * Read the next data field of R, and return up to 1 KiB of it as such a line; "" where there is
 * none. Caller frees.
 */
char *lsb_guest_text_read(struct wire_reader *r);

/* ERRNUM, which the guest sent, cut to 4095, the largest that strerror(3) of the host knows. */
int lsb_guest_errno(guint32 errnum);

#endif
