/*
 * A program's standard streams, pipes or a terminal, with the relay's flow control.
 */
#ifndef LSANDBOX_INIT_STREAM_H
#define LSANDBOX_INIT_STREAM_H

#include "server.h"

/*
 * Standard input: frames to pipe or terminal. Holds what that does not take yet, never more than
 * WIRE_WINDOW.
 */
struct input {
    struct watch watch; /* fd -1: no such stream, or closed */
    uint32_t id;
    uint32_t window; /* bytes that the host may still send */
    uint32_t passed; /* bytes written for which it got no credit yet */
    bool ended;      /* the host has said EOF */
    bool tty;
    bool end_typed;     /* a terminal: its end-of-file character */
    unsigned char last; /* a terminal: the byte typed last */
    uint8_t *held;
    size_t held_start, held_end;
};

/* Standard output or error: pipe or terminal to frames. */
struct output {
    struct watch watch; /* fd -1: no such stream, or ended */
    struct program *program;
    uint32_t id;
    uint32_t credit; /* bytes that the host takes */
    size_t owed;     /* bytes in the pipe when the program ended that are not sent yet; of a
                        terminal nobody knows how many: the most, until it has none */
    bool tty;
};

/* FD is our end of the pipe, or the terminal's master; it is taken over. */
void input_open(struct server *s, struct input *in, uint32_t id, int fd, bool tty);

/* From the host. -1: it broke the protocol. */
int input_data(struct server *s, struct input *in, const uint8_t *data, size_t length);
void input_eof(struct server *s, struct input *in);

/* The end of the stream from our side; tells the host unless it has ended the stream itself. */
void input_close(struct server *s, struct input *in);

void output_open(struct output *out, struct program *p, uint32_t id, int fd, bool tty);

/* Begin to read: not before STARTED is sent. */
void output_begin(struct server *s, struct output *out);

/* From the host. -1: more than a stream may hold. */
int output_credit(struct server *s, struct output *out, uint32_t bytes);

/* Close our end (a program that still writes gets SIGPIPE) and say EOF. */
void output_close(struct server *s, struct output *out);

/* The program has ended: what is in the pipe now is to precede the news of that. */
void output_count_owed(struct output *out);

/* Say EOF now where nobody can write any more. */
void output_look_for_end(struct server *s, struct output *out);

#endif
