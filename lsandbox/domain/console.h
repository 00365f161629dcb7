/* The end of what a machine writes to its boot console, kept in memory. */
#ifndef LSANDBOX_DOMAIN_CONSOLE_H
#define LSANDBOX_DOMAIN_CONSOLE_H

#include <glib.h>

/* How many bytes of a console are kept. */
enum { LSB_CONSOLE_TAIL = 2048 };

typedef struct _LsbConsole LsbConsole;

/*
 * Make a fifo at PATH for QEMU to write to, and read it in the thread of libvirt's event loop,
 * which goes on while a script computes. A guest may write without end, and only the end is kept,
 * so the guest takes no more of the host's memory than that. LSB_ERRNO.
 */
LsbConsole *lsb_console_new(const char *path, GError **error);

/*
 * The end of CONSOLE, or, where that is NULL, of the file that QEMU writes to at PATH (or NULL): at
 * most LSB_CONSOLE_TAIL bytes, as the guest wrote them. Caller unrefs.
 */
GBytes *lsb_console_tail(LsbConsole *console, const char *path);

/* Stop reading. The caller removes the fifo. NULL is fine. */
void lsb_console_free(LsbConsole *console);

#endif
