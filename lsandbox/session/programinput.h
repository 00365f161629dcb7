/* A program's stdin: from a descriptor, from bytes of its table, or from lsb_program_write(). */
#ifndef LSANDBOX_SESSION_PROGRAMINPUT_H
#define LSANDBOX_SESSION_PROGRAMINPUT_H

#include <glib.h>

#include "session/program_private.h"
#include "session/spec.h"
#include "shared/wire.h"

/* Queue bytes for a piped stdin. FALSE when it is closed. */
gboolean lsb_program_write(LsbProgram *p, const void *data, gsize len);

/* LsbCondition: less than 256 KiB are queued, or the guest will never take what is queued. */
gboolean lsb_program_writable(gpointer program);

/* Close stdin: the program sees its end after the bytes that are queued. Harmless twice. */
void lsb_program_close_input(LsbProgram *p);

/* --- for program.c --- */

/* Prepare the stdin of P: SPEC->input, or a duplicate of STDIN_FD, or (-1) lsb_program_write(). */
void input_init(LsbProgram *p, const LsbProgramSpec *spec, int stdin_fd);

/* Send the bytes that may be sent, and listen to the descriptor while more may be. */
void input_update(LsbProgram *p);

/* Send EOF where it was not sent, and close the descriptor. */
void input_finish(LsbProgram *p);

/* Stop listening to the descriptor, and close it. */
void input_close_source(Input *in);

/* Take a frame about stdin; FALSE where it breaks the protocol, as WHAT says. */
gboolean on_stdin_frame(LsbProgram *p, const struct wire_frame *frame, const char **what);

#endif
