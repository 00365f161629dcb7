/*
 * The times at which the guest init reached the steps of a start (enum wire_mark), for the host's
 * timeline. When a machine starts from a saved state, the steps before the plan are those of the
 * boot that was saved.
 */
#ifndef LSANDBOX_INIT_MARKS_H
#define LSANDBOX_INIT_MARKS_H

#include "shared/wire.h"

/* Note that STEP is reached now. A mark that was set before is set anew. */
void mark(enum wire_mark step);

/* Note that STEP is reached unless RESULT is negative. Returns RESULT. */
int reached(enum wire_mark step, int result);

/* Put the marks that are set, and the time now, as fields of READY. */
void marks_put(struct wire_buf *b);

#endif
