/* The standard streams of a program, pipes or a terminal, with the relay's flow control. */
#ifndef LSANDBOX_INIT_STREAM_H
#define LSANDBOX_INIT_STREAM_H

#include "server.h"

/*
 * Standard input: from frames to a pipe or terminal. Holds the bytes for which that has no room
 * yet, never more than WIRE_WINDOW.
 */
struct input {
    struct watch watch; /* fd -1: no such stream, or closed */
    uint32_t id;
    uint32_t window; /* bytes that the host may still send */
    uint32_t passed; /* bytes written for which the host got no new credit yet */
    bool ended;      /* the host has said EOF, or the program has ended */
    bool over;       /* EXIT is sent: DATA that the host sent before it received EXIT is dropped */
    bool tty;
    bool end_typed;     /* a terminal: the end-of-file character has been typed */
    unsigned char last; /* a terminal: the byte that was typed last */
    uint8_t *held;
    size_t held_start, held_end;
};

/* Standard output or error: from a pipe or terminal to frames. */
struct output {
    struct watch watch; /* fd -1: no such stream, or ended */
    struct program *program;
    uint32_t id;
    uint32_t credit; /* bytes that the guest may still send */
    size_t owed;     /* bytes in the pipe when the program ended that are not sent yet; for a
                        terminal MOST_OWED, until it has none, because their number is not known */
    bool tty;
};

/* Begin a stdin. FD is the init's end of the pipe, or the terminal's master; it is taken over. */
void input_open(struct server *s, struct input *in, uint32_t id, int fd, bool tty);

/* DATA from the host. -1: the host broke the protocol. */
int input_data(struct server *s, struct input *in, const uint8_t *data, size_t length);

/* EOF from the host: close the stream once all is written. */
void input_eof(struct server *s, struct input *in);

/*
 * EXIT is sent, after which the host sends no more and expects no CLOSE. What is held is still
 * written, because children of the program may have the pipe open.
 */
void input_program_ended(struct server *s, struct input *in);

/* Close the stream now, with CLOSE to the host unless the host has said EOF. */
void input_close(struct server *s, struct input *in);

/* Begin a stdout or stderr. FD as for input_open(). */
void output_open(struct output *out, struct program *p, uint32_t id, int fd, bool tty);

/* Begin to read. Call it when STARTED is sent. */
void output_begin(struct server *s, struct output *out);

/* CREDIT from the host. -1: the host broke the protocol, by more than a stream may have. */
int output_credit(struct server *s, struct output *out, uint32_t bytes);

/* Close the stream (a program that still writes gets SIGPIPE), and send EOF. */
void output_close(struct server *s, struct output *out);

/* The program has ended: note how much is in the pipe, because that must precede EXIT. */
void output_count_owed(struct output *out);

/* Send EOF now if no process can write to the stream any more. */
void output_look_for_end(struct server *s, struct output *out);

#endif
