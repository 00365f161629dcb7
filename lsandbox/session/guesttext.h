/*
 * Text that the guest wrote, made fit for messages: it goes to a terminal one day.
 */
#ifndef LSANDBOX_SESSION_GUESTTEXT_H
#define LSANDBOX_SESSION_GUESTTEXT_H

#include <glib.h>

#include "shared/wire.h"

/* LEN bytes as one line of valid UTF-8, "?" for each character that is not printable (U+009B is a
 * CSI, too). The caller's to free. */
char *lsb_guest_text(const void *data, gsize len);

/* The same of the data that comes next in R: at most 1 KiB of it; "" where there is none. */
char *lsb_guest_text_read(struct wire_reader *r);

#endif
