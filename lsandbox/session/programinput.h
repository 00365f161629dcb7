/* A program's stdin: from a descriptor of the host's, from bytes, or from its owner's writes. */
#ifndef LSANDBOX_SESSION_PROGRAMINPUT_H
#define LSANDBOX_SESSION_PROGRAMINPUT_H

#include <glib.h>

#include "session/program_private.h"
#include "session/spec.h"
#include "shared/wire.h"

/* Queue bytes for a piped stdin. FALSE when it is closed. */
gboolean lsb_program_write(LsbProgram *p, const void *data, gsize len);

/* TRUE when what was queued is small, or will never be taken. */
gboolean lsb_program_writable(gpointer program);

/* The program sees the end of its input behind what is queued. Harmless twice. */
void lsb_program_close_input(LsbProgram *p);

void input_init(LsbProgram *p, const LsbProgramSpec *spec, int stdin_fd);

/* Move what can be moved, and listen to the descriptor exactly while more could. */
void input_update(LsbProgram *p);

/* Tell the guest that no more comes. */
void input_finish(LsbProgram *p);

/* Let go of the descriptor. */
void input_close_source(Input *in);

/* A frame of stdin's; TRUE unless it breaks the protocol (WHAT says how). */
gboolean on_stdin_frame(LsbProgram *p, const struct wire_frame *frame, const char **what);

#endif
