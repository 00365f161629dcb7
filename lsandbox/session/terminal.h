/*
 * This process's own terminal, its stdin, while a program that has a terminal inside a sandbox uses
 * it. It is raw, so that every key reaches the terminal inside, and is restored whatever ends this
 * process, except SIGKILL.
 */
#ifndef LSANDBOX_SESSION_TERMINAL_H
#define LSANDBOX_SESSION_TERMINAL_H

#include <glib.h>

#include "session/program.h"
#include "session/spec.h"

/*
 * Whether a program that inherits stdin and stdout should have a terminal: both are terminals, and
 * this process is in the foreground. A background job that changed the modes would be stopped by
 * SIGTTOU.
 */
gboolean lsb_terminal_is_ours(void);

/* Give the terminal of SPEC the size of this process's, where SPEC does not say a size. */
void lsb_terminal_fit(LsbProgramSpec *spec);

typedef struct _LsbTerminal LsbTerminal;

/*
 * Let P use this process's terminal: make it raw, and pass every change of its size on. While it is
 * attached, signals that would end or stop the process restore it first, unless the process handles
 * them itself. NULL where stdin is not a terminal, or another program uses it.
 */
LsbTerminal *lsb_terminal_attach(LsbProgram *p);
/* Restore the terminal, and free T. NULL is fine. */
void lsb_terminal_detach(LsbTerminal *t);

#endif
