/*
 * A program in a sandbox, from the host's side: its three streams, its credits, and how it ended.
 * Programs live in a table of their sandbox; frames of the relay come in through the functions at
 * the end. All on the main context. Reference counted, because Lua and the sandbox both hold one.
 */
#ifndef LSANDBOX_PROGRAM_H
#define LSANDBOX_PROGRAM_H

#include <glib.h>

#include "description.h"
#include "relay.h"

typedef struct _LsbProgram LsbProgram;

typedef enum {
    LSB_END_NONE,     /* still running */
    LSB_END_EXITED,   /* value: status */
    LSB_END_SIGNALED, /* value: signal number */
    LSB_END_NOT_RUN,  /* value: 126 or 127; message says why */
    LSB_END_LOST,     /* the sandbox ended first; message says how */
} LsbEnd;

/* What to do with the bytes of stdout and stderr. */
typedef enum { LSB_OUTPUT_NULL, LSB_OUTPUT_FD, LSB_OUTPUT_CAPTURE, LSB_OUTPUT_PIPE } LsbOutputMode;

typedef struct {
    int fd; /* LSB_OUTPUT_FD: where to; borrowed, kept open by the caller until the end */
    LsbOutputMode mode;
    guint64 limit; /* LSB_OUTPUT_CAPTURE: bytes kept; more ends the program */
} LsbOutputTarget;

/*
 * Ask the guest to run SPEC as program ID. stdin comes from SPEC->input, else from descriptor
 * STDIN_FD (-1: none of the host's: lsb_program_write). Never fails at once: what goes wrong is the
 * program's end.
 */
LsbProgram *lsb_program_new(LsbRelay *relay, guint32 id, const LsbProgramSpec *spec, int stdin_fd,
                            const LsbOutputTarget targets[2]);
LsbProgram *lsb_program_ref(LsbProgram *p);
void lsb_program_unref(LsbProgram *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgram, lsb_program_unref)

guint32 lsb_program_id(const LsbProgram *p);
guint32 lsb_program_pid(const LsbProgram *p); /* in the sandbox; 0: not started */
LsbEnd lsb_program_end(const LsbProgram *p, int *value, const char **message);
gboolean lsb_program_timed_out(const LsbProgram *p);
/* TRUE when the program has ended and everything it wrote before has been written to where it goes.
 */
gboolean lsb_program_settled(gpointer program);
/* TRUE when nothing of it is left in the guest: ended, and both output streams are at their end. */
gboolean lsb_program_finished(const LsbProgram *p);

void lsb_program_kill(LsbProgram *p, int signal);

/* Captured or piped bytes that are here; STREAM is WIRE_STDOUT or WIRE_STDERR. */
const guint8 *lsb_program_peek(const LsbProgram *p, enum wire_stream stream, gsize *len);
void lsb_program_consume(LsbProgram *p, enum wire_stream stream, gsize len);
gboolean lsb_program_stream_ended(const LsbProgram *p, enum wire_stream stream);
gboolean lsb_program_truncated(const LsbProgram *p, enum wire_stream stream);
void lsb_program_close_output(LsbProgram *p, enum wire_stream stream);

/* Queue bytes for a piped stdin. FALSE when it is closed. */
gboolean lsb_program_write(LsbProgram *p, const void *data, gsize len);
/* TRUE when what was queued is small, or will never be taken. */
gboolean lsb_program_writable(gpointer program);
void lsb_program_close_input(LsbProgram *p);

/*
 * Have CHANGED(DATA) called after anything that may matter to whoever moves the program's bytes: from
 * inside the relay's events, so it had better only note that there is work. NULL: no more.
 */
void lsb_program_watch(LsbProgram *p, void (*changed)(gpointer data), gpointer data);

/* From the sandbox. A frame of this program; TRUE unless it breaks the protocol (WHAT says how). */
gboolean lsb_program_frame(LsbProgram *p, const struct wire_frame *frame, const char **what);
void lsb_program_relay_drained(LsbProgram *p);
/* The relay is gone. MESSAGE becomes the end's message where the program had not ended. */
void lsb_program_lost(LsbProgram *p, const char *message);

#endif
