/* The launcher's messages on stderr. */
#define _GNU_SOURCE 1
#include "fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_line(int errnum, const char *format, va_list args)
{
    fputs("lsandbox-launcher: ", stderr);
    vfprintf(stderr, format, args);
    if (errnum)
        fprintf(stderr, ": %s", strerror(errnum));
    fputc('\n', stderr);
}

void fatal(int errnum, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(errnum, format, args);
    va_end(args);
    exit(LAUNCHER_FAILED);
}

void warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(0, format, args);
    va_end(args);
}
