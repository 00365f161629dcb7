/* Messages on the console, and the memory of the last failure. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int last_errno;
static char last_text[1024];

/* One write(2), so that the kernel's own messages never cut a line in two. */
void say(const char *format, ...)
{
    int errnum = errno;
    char line[1200] = "lsandbox-init: ";
    size_t len = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + len, sizeof line - len - 1, format, args);
    va_end(args);
    len = strlen(line);
    line[len++] = '\n';
    (void)!write(STDERR_FILENO, line, len); /* there is no other place to report a failure */
    errno = errnum;
}

static int remember(int errnum, const char *format, va_list args)
{
    last_errno = errnum;
    vsnprintf(last_text, sizeof last_text, format, args);
    return -1;
}

int failed(const char *format, ...)
{
    int errnum = errno;
    va_list args;
    va_start(args, format);
    remember(errnum, format, args);
    va_end(args);
    return -1;
}

int failed_with(int errnum, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    remember(errnum, format, args);
    va_end(args);
    return -1;
}

int failure_errno(void)
{
    return last_errno;
}

const char *failure_text(void)
{
    return last_text;
}
