/* A program's stdout and stderr: to a descriptor, captured, or read by its owner. */
#ifndef LSANDBOX_SESSION_PROGRAMOUTPUT_H
#define LSANDBOX_SESSION_PROGRAMOUTPUT_H

#include <glib.h>

#include "session/program_private.h"
#include "shared/wire.h"

/* Whether the stream is a pipe that its owner reads or writes by the functions below. */
gboolean lsb_program_is_piped(const LsbProgram *p, enum wire_stream stream);

/* Captured or piped bytes that are here; STREAM is WIRE_STDOUT or WIRE_STDERR. */
const guint8 *lsb_program_peek(const LsbProgram *p, enum wire_stream stream, gsize *len);

/* LEN of those bytes are done with; the guest gets credit for as many. */
void lsb_program_consume(LsbProgram *p, enum wire_stream stream, gsize len);

/* TRUE when no more will come; what is here may still be peeked at. */
gboolean lsb_program_stream_ended(const LsbProgram *p, enum wire_stream stream);

/* Whether the program wrote more to a captured stream than its limit. */
gboolean lsb_program_truncated(const LsbProgram *p, enum wire_stream stream);

/* Take no more: whoever writes there gets SIGPIPE. What is here is dropped. Harmless twice. */
void lsb_program_close_output(LsbProgram *p, enum wire_stream stream);

void output_init(Output *o, const LsbOutputTarget *target, gboolean tty);
void output_clear(Output *o);

/* Write what waits, and listen for room exactly while something waits. */
void output_update(LsbProgram *p, enum wire_stream stream);

/* A DATA frame of STREAM; TRUE unless it breaks the protocol (WHAT says how). */
gboolean output_data(LsbProgram *p, enum wire_stream stream, const struct wire_frame *frame,
                     const char **what);

#endif
