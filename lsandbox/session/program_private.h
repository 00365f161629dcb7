/*
 * The structure of a program, for its files: program.c has the object, its life and its frames;
 * programinput.c its stdin; programoutput.c its stdout and stderr.
 */
#ifndef LSANDBOX_SESSION_PROGRAM_PRIVATE_H
#define LSANDBOX_SESSION_PROGRAM_PRIVATE_H

#include <glib.h>

#include "base/limitevents.h"
#include "session/bytestore.h"
#include "session/program.h"
#include "session/relay.h"
#include "shared/wire.h"

/* One of stdout and stderr. */
typedef struct {
    LsbOutputMode mode;
    int fd; /* private; -1: none, or its reader wants no more */
    guint source;
    GByteArray *buffer;  /* bytes not yet written or read */
    gsize start;         /* the first byte of the buffer that counts */
    LsbStore captured;   /* all bytes, with LSB_OUTPUT_CAPTURE */
    guint32 outstanding; /* credit the guest still has */
    guint32 ungranted;   /* bytes passed on for which the guest has no credit yet */
    gboolean eof, closed, truncated;
    gboolean owed; /* EXIT came, and bytes that were written before it are still to come */
} Output;

typedef struct {
    int fd;
    guint source;
    GByteArray *queue;
    gsize start;
    guint64 credit;
    gboolean piped;  /* its bytes come from lsb_program_write() */
    gboolean ending; /* EOF follows the queue */
    gboolean closed; /* EOF sent, or the guest said CLOSE */
} Input;

struct _LsbProgram {
    int refs;
    pid_t owner;     /* the process that made it; a forked child moves no byte for it */
    LsbRelay *relay; /* NULL: the session is closed, or the program is finished */
    guint32 id, pid;
    Input input;
    Output outputs[2];
    LsbEnd end;
    int value;
    char *message;
    GError *reason;      /* LSB_END_LOST: why */
    GError *write_error; /* the first failure to write its output to a descriptor */
    guint64 max_output;
    guint timer;
    LsbLimitEvents seen; /* counted by the host when the program started */
    guint limits;        /* enum wire_limit, when it ended */
    gboolean timed_out, tty, service;
    void (*changed)(gpointer data);
    gpointer changed_data;
};

static inline Output *output_of(const LsbProgram *p, enum wire_stream stream)
{
    return (Output *)&p->outputs[stream - WIRE_STDOUT];
}

static inline gsize output_pending(const Output *o)
{
    return o->buffer->len - o->start;
}

#endif
