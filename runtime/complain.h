/* Messages of the command on stderr, and the exit status that goes with them. */
#ifndef LSANDBOX_RUNTIME_COMPLAIN_H
#define LSANDBOX_RUNTIME_COMPLAIN_H

#include <glib.h>

/* What the command exits with when lsandbox itself fails, as env(1) and timeout(1) do. */
enum { LSB_EXIT_FAILURE = 125 };

/* Print "lsandbox: MESSAGE" on stderr. */
void lsb_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Print "lsandbox: MESSAGE [CODE]" on stderr. Returns LSB_EXIT_FAILURE. */
int lsb_complain_error(const GError *error);

#endif
