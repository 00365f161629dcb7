/*
 * Text that the guest wrote, made fit for messages: it goes to a terminal one day.
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

/* The same of the data that comes next in R: at most 1 KiB of it; "" where there is none. */
char *lsb_guest_text_read(struct wire_reader *r);

/* An errno that the guest sent as a number that strerror(3) of the host takes: at most 4095. */
int lsb_guest_errno(guint32 errnum);

#endif
