/*
 * When this guest init reached each step of a start, for the host's timeline (enum wire_mark). Of a
 * start that begins at a saved state the steps before the plan are those of the state's own boot.
 */
#ifndef LSANDBOX_INIT_MARKS_H
#define LSANDBOX_INIT_MARKS_H

#include "shared/wire.h"

/* It is reached now; a mark that was set before is set anew. */
void mark(enum wire_mark step);

/* RESULT, after a mark where it is no failure. */
int reached(enum wire_mark step, int result);

/* Put the marks that are set, and the clock, as READY has them. */
void marks_put(struct wire_buf *b);

#endif
