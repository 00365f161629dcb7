/*
 * What the files of a program share: program.c has the object, its life and its frames;
 * programinput.c its stdin; programoutput.c its stdout and stderr.
 */
#ifndef LSANDBOX_PROGRAM_PRIVATE_H
#define LSANDBOX_PROGRAM_PRIVATE_H

#include "session/program.h"
#include "session/bytestore.h"

/* One of stdout and stderr. */
typedef struct {
    LsbOutputMode mode;
    int fd; /* private; -1 when none, or nobody wants more */
    guint source;
    GByteArray *buffer;  /* bytes not yet written or read */
    gsize start;         /* the first byte of the buffer that counts */
    LsbStore captured;   /* all of them */
    guint32 outstanding; /* credit the guest still has */
    guint32 ungranted;   /* bytes passed on, not given back as credit yet */
    gboolean eof, closed, truncated;
} Output;

typedef struct {
    int fd;
    guint source;
    GByteArray *queue;
    gsize start;
    guint64 credit;
    gboolean piped;  /* the owner writes it */
    gboolean ending; /* EOF follows the queue */
    gboolean closed; /* EOF sent, or the guest said CLOSE */
} Input;

struct _LsbProgram {
    int refs;
    LsbRelay *relay; /* NULL when it is gone */
    guint32 id, pid;
    Input input;
    Output outputs[2];
    LsbEnd end;
    int value;
    char *message;
    guint timer;
    LsbLimitEvents seen; /* of the host, when it started */
    guint limits;        /* enum wire_limit, when it ended */
    gboolean timed_out, tty, service;
    void (*changed)(gpointer data);
    gpointer changed_data;
};

/* --- programinput.c --- */

void input_init(LsbProgram *p, const LsbProgramSpec *spec, int stdin_fd);

/* Move what can be moved, and listen to the descriptor exactly while more could. */
void input_update(LsbProgram *p);

/* Tell the guest that no more comes. */
void input_finish(LsbProgram *p);

/* Let go of the descriptor. */
void input_close_source(Input *in);

/* A frame of stdin's; TRUE unless it breaks the protocol (WHAT says how). */
gboolean on_stdin_frame(LsbProgram *p, const struct wire_frame *frame, const char **what);

/* --- programoutput.c --- */

static inline Output *output_of(const LsbProgram *p, enum wire_stream stream)
{
    return (Output *)&p->outputs[stream - WIRE_STDOUT];
}

static inline gsize output_pending(const Output *o)
{
    return o->buffer->len - o->start;
}

void output_init(Output *o, const LsbOutputTarget *target, gboolean tty);
void output_clear(Output *o);

/* Write what waits, and listen for room exactly while something waits. */
void output_update(LsbProgram *p, enum wire_stream stream);

/* A DATA frame of STREAM; TRUE unless it breaks the protocol (WHAT says how). */
gboolean output_data(LsbProgram *p, enum wire_stream stream, const struct wire_frame *frame,
                     const char **what);

#endif
