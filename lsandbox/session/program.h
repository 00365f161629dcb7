/*
 * A program in a sandbox, from the host's side: its three streams, its credits, and how it ended.
 * Its session (session.h) keeps it in a table and hands it the frames of the relay by the functions
 * at the end. Everything happens on the main context. Reference counted, because Lua and the
 * session both hold a reference.
 */
#ifndef LSANDBOX_SESSION_PROGRAM_H
#define LSANDBOX_SESSION_PROGRAM_H

#include <glib.h>

#include "base/limitevents.h"
#include "session/relay.h"
#include "session/spec.h"
#include "shared/wire.h"

typedef struct _LsbProgram LsbProgram;

typedef enum {
    LSB_END_NONE,     /* still running */
    LSB_END_EXITED,   /* value: status */
    LSB_END_SIGNALED, /* value: signal number */
    LSB_END_NOT_RUN,  /* value: 126 or 127; message says why */
    LSB_END_LOST,     /* the session was closed first; message says why */
} LsbEnd;

/* What to do with the bytes of stdout and stderr. */
typedef enum {
    LSB_OUTPUT_NULL,
    LSB_OUTPUT_FD,
    LSB_OUTPUT_CAPTURE,
    LSB_OUTPUT_PIPE,
    LSB_OUTPUT_DISCARD, /* as NULL for a terminal, whose bytes are read: else its writers block */
} LsbOutputMode;

typedef struct {
    int fd; /* LSB_OUTPUT_FD: where to; borrowed for the call */
    LsbOutputMode mode;
    guint64 limit; /* LSB_OUTPUT_CAPTURE: bytes kept; more ends the program */
} LsbOutputTarget;

/*
 * Ask the guest to run SPEC as program ID. stdin comes from SPEC->input, else from descriptor
 * STDIN_FD, else (-1) from lsb_program_write(). Never fails: an error becomes the program's end.
 * All descriptors are duplicated, and those that SPEC owns are closed, because the reader of a pipe
 * waits until the last descriptor of it is closed. The caller owns a reference.
 */
LsbProgram *lsb_program_new(LsbRelay *relay, guint32 id, LsbProgramSpec *spec, int stdin_fd,
                            const LsbOutputTarget targets[2]);
/* The targets that SPEC asks for. CAPTURE: its pipes are captured, each up to its max_output. */
void lsb_program_targets(const LsbProgramSpec *spec, gboolean capture, LsbOutputTarget targets[2]);
LsbProgram *lsb_program_ref(LsbProgram *p);
void lsb_program_unref(LsbProgram *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgram, lsb_program_unref)

/* Whether it is a program of the guest init's file service, and not one of the user's. */
gboolean lsb_program_is_service(const LsbProgram *p);
guint32 lsb_program_id(const LsbProgram *p);
guint32 lsb_program_pid(const LsbProgram *p); /* in the sandbox; 0: not started */
/* How P ended; LsbEnd explains VALUE and MESSAGE. MESSAGE is borrowed; NULL: there is none. */
LsbEnd lsb_program_end(const LsbProgram *p, int *value, const char **message);
/* Why it was lost, borrowed; NULL where it was not. */
const GError *lsb_program_reason(const LsbProgram *p);
/*
 * Why output that it wrote was lost on the way to a descriptor, as on a full disk; borrowed. NULL
 * where nothing was lost, where the descriptor's reader went away (EPIPE), and where the program
 * failed by itself: not where the SIGPIPE ended it that follows from the loss.
 */
const GError *lsb_program_write_error(const LsbProgram *p);
/* Whether the `timeout` of the program itself killed it. */
gboolean lsb_program_timed_out(const LsbProgram *p);
/*
 * Which limit ended P, as far as can be known: "timeout", "max_output", "memory", "pids", "cpu" or
 * "fsize"; NULL: none. Static.
 */
const char *lsb_program_limit(const LsbProgram *p);
/*
 * The limit events that the host has counted for the sandbox, when the program starts and once it
 * has ended. The difference replaces what the guest says about the same limits.
 */
void lsb_program_count_from(LsbProgram *p, LsbLimitEvents events);
void lsb_program_count_to(LsbProgram *p, LsbLimitEvents events);
/*
 * LsbCondition: the program has ended, and everything that it wrote before has reached its target
 * or was captured. What the program's owner is to read may still be in the sandbox.
 */
gboolean lsb_program_settled(gpointer program);
/* Whether nothing of P is left in the guest: it has ended, and so have both output streams. */
gboolean lsb_program_finished(const LsbProgram *p);

/* Send SIGNAL to the program's process group. Does nothing when the program is finished. */
void lsb_program_kill(LsbProgram *p, int signal);
/* Set the size of the terminal of P, from 1 to WIRE_MOST_CELLS each. FALSE: P has none. */
gboolean lsb_program_resize(LsbProgram *p, guint rows, guint cols);

/* Whether a captured stream was truncated, and the program killed because of that. */
gboolean lsb_program_cut(const LsbProgram *p);
/* How many bytes one read of its stdout or stderr may take: its max_output. */
guint64 lsb_program_read_limit(const LsbProgram *p);

/*
 * Kill the program where it runs, close its streams, and drop the caller's reference. NULL is fine.
 */
void lsb_program_abandon(LsbProgram *p);

/*
 * Call CHANGED(DATA) after every event that may let the program's bytes move on. It is called from
 * inside the relay's events, so it must only note that there is work. NULL: no more calls.
 */
void lsb_program_watch(LsbProgram *p, void (*changed)(gpointer data), gpointer data);

/*
 * For the session. Take a frame of this program; FALSE where it breaks the protocol, as WHAT says.
 */
gboolean lsb_program_frame(LsbProgram *p, const struct wire_frame *frame, const char **what);
/* For the session. The relay takes bytes again. */
void lsb_program_relay_drained(LsbProgram *p);
/* For the session. The program is finished, and may use the relay no more. */
void lsb_program_gone(LsbProgram *p);
/*
 * For the session. P must no longer use the relay. Where P had not ended, it ends as LSB_END_LOST
 * because of REASON.
 */
void lsb_program_lost(LsbProgram *p, const GError *reason);

#endif
