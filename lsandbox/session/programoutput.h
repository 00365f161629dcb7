/* A program's stdout and stderr: to a descriptor, captured, or read by its owner. */
#ifndef LSANDBOX_SESSION_PROGRAMOUTPUT_H
#define LSANDBOX_SESSION_PROGRAMOUTPUT_H

#include <glib.h>

#include "session/program_private.h"
#include "shared/wire.h"

/* Whether the owner of P reads (stdout, stderr) or writes (stdin) STREAM itself. */
gboolean lsb_program_is_piped(const LsbProgram *p, enum wire_stream stream);

/* The captured or piped bytes that have come; STREAM is WIRE_STDOUT or WIRE_STDERR. Borrowed. */
const guint8 *lsb_program_peek(const LsbProgram *p, enum wire_stream stream, gsize *len);

/* Drop the first LEN of those bytes; the guest gets credit for as many. */
void lsb_program_consume(LsbProgram *p, enum wire_stream stream, gsize len);

/* Whether no more bytes will come; those that have come may still be peeked at. */
gboolean lsb_program_stream_ended(const LsbProgram *p, enum wire_stream stream);

/* Whether the program wrote more to a captured stream than its limit. */
gboolean lsb_program_truncated(const LsbProgram *p, enum wire_stream stream);

/*
 * Drop the bytes that have come and take no more: a program that writes there gets SIGPIPE.
 * Harmless twice.
 */
void lsb_program_close_output(LsbProgram *p, enum wire_stream stream);

/* --- for program.c --- */

/* Prepare O for TARGET, whose descriptor is duplicated. TTY: the program has a terminal. */
void output_init(Output *o, const LsbOutputTarget *target, gboolean tty);
void output_clear(Output *o);

/* Write the bytes that wait, and listen for room while some wait. */
void output_update(LsbProgram *p, enum wire_stream stream);

/* Take a DATA frame of STREAM; FALSE where it breaks the protocol, as WHAT says. */
gboolean output_data(LsbProgram *p, enum wire_stream stream, const struct wire_frame *frame,
                     const char **what);

#endif
