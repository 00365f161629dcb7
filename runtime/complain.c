/* Messages of the command on stderr, and the exit status that goes with them. */
#include "complain.h"

#include <stdio.h>

#include "base/error.h"

void lsb_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "lsandbox: %s\n", message);
}

int lsb_complain_error(const GError *error)
{
    lsb_complain("%s [%s]", error->message, lsb_error_name(error));
    return LSB_EXIT_FAILURE;
}
