/*
 * Our own terminal, while a program with a terminal inside a sandbox has it: raw, so that every key
 * reaches the terminal inside, and given back as it was, whatever ends us (but SIGKILL). On stdin.
 */
#ifndef LSANDBOX_SESSION_TERMINAL_H
#define LSANDBOX_SESSION_TERMINAL_H

#include <glib.h>

#include "session/program.h"
#include "session/spec.h"

/* Whether a program that inherits our stdin and stdout should have a terminal: both are one, and we
 * are in its foreground (a background job that changed its modes would be stopped: SIGTTOU). */
gboolean lsb_terminal_is_ours(void);

/* Where SPEC has a terminal and nobody has said its size, it gets the size of ours. */
void lsb_terminal_fit(LsbProgramSpec *spec);

typedef struct _LsbTerminal LsbTerminal;

/*
 * Hand our terminal to P: make it raw, and pass every change of its size on. NULL where stdin is no
 * terminal, or another program has it. While it is attached, signals that would end or stop us give
 * it back first, unless the process handles them itself.
 */
LsbTerminal *lsb_terminal_attach(LsbProgram *p);
/* Give it back. NULL is fine. */
void lsb_terminal_detach(LsbTerminal *t);

#endif
