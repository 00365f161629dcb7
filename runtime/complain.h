/* Messages of the command on stderr. */
#ifndef LSANDBOX_RUNTIME_COMPLAIN_H
#define LSANDBOX_RUNTIME_COMPLAIN_H

#include <glib.h>

/* "lsandbox: MESSAGE" on stderr. */
void lsb_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
