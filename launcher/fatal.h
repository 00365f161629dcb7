/*
 * The launcher's only way to fail: it says on stderr what happened and exits. libvirt shows the
 * last lines of that text when the domain does not start.
 */
#ifndef LSANDBOX_LAUNCHER_FATAL_H
#define LSANDBOX_LAUNCHER_FATAL_H

/* Exit status of a launcher that did not start QEMU; chosen as env(1) and timeout(1) do. */
enum { LAUNCHER_FAILED = 125 };

/*
 * Print "lsandbox-launcher: " and the message to stderr, with ": " and strerror(ERRNUM) at the end
 * when ERRNUM is not 0, and exit with LAUNCHER_FAILED.
 */
_Noreturn void fatal(int errnum, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same text without an errno and without the exit. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
