/* The standard streams of programs, with the relay's flow control. */
#define _GNU_SOURCE
#include "stream.h"

#include "program.h"
#include "terminal.h"
#include "shared/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PIPE_SIZE = MiB,        /* the most that an unprivileged process may have (pipe(7)) */
    CREDIT_STEP = 64 * KiB, /* few frames; an eighth of the window, so the host has credit left */
    FRAMES_A_TURN = 4,      /* then it is the next stream's turn */
    /* The most that is read of a terminal before the end of its program is reported. The kernel
       holds less than 70 KiB, but other processes may go on writing. */
    MOST_OWED = MiB,
};

static void set_up_pipe(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE); /* only for speed: refused where a user has many pipes */
}

/* --- input --- */

static size_t held_bytes(const struct input *in)
{
    return in->held_end - in->held_start;
}

static void give_credit(struct server *s, struct input *in)
{
    if (in->ended || in->passed < CREDIT_STEP)
        return;
    relay_send_u32(s->relay, WIRE_CREDIT, in->id, in->passed);
    in->window += in->passed;
    in->passed = 0;
}

/* Returns the bytes that the pipe took, or -1 when no process has its other end open. */
static ssize_t write_pipe(struct input *in, const uint8_t *data, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t n = write(in->watch.fd, data + done, length - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            break;
        else if (n == 0 || errno != EINTR)
            return -1;
    }
    in->passed += (uint32_t)done;
    if (done > 0)
        in->last = data[done - 1];
    return (ssize_t)done;
}

static void drop_held(struct input *in)
{
    free(in->held);
    in->held = NULL;
    in->held_start = in->held_end = 0;
}

/* Keep DATA until the pipe has room. The host sends no more than the window, so this fits. */
static int hold_data(struct input *in, const uint8_t *data, size_t length)
{
    if (!in->held && !(in->held = malloc(WIRE_WINDOW)))
        return -1;
    if (in->held_end + length > WIRE_WINDOW) {
        memmove(in->held, in->held + in->held_start, held_bytes(in));
        in->held_end -= in->held_start;
        in->held_start = 0;
    }
    memcpy(in->held + in->held_end, data, length);
    in->held_end += length;
    return 0;
}

/* The end of a terminal's input cannot be closed, so type its end-of-file character. */
static void type_end(struct input *in)
{
    unsigned char keys[2];
    size_t n = terminal_end_of_file(in->watch.fd, in->last, keys);
    ssize_t done = write_pipe(in, keys, n);
    in->end_typed = true;
    if (done >= 0 && (size_t)done < n)
        hold_data(in, keys + done, n - (size_t)done);
}

/* After each step: close IN at its end, or wait for room, or only for the reader to close. */
static void input_settle(struct server *s, struct input *in)
{
    if (held_bytes(in) == 0 && in->ended && in->tty && !in->end_typed)
        type_end(in);
    if (held_bytes(in) == 0 && in->ended) {
        input_close(s, in);
        return;
    }
    if (held_bytes(in) == 0)
        drop_held(in);
    give_credit(s, in);
    watch_set(s->events, &in->watch, held_bytes(in) ? EPOLLOUT : 0);
}

static void input_ready(struct server *s, struct watch *w, uint32_t events)
{
    struct input *in = w->owner;
    if (w->fd < 0)
        return;
    bool closed = events & (EPOLLERR | EPOLLHUP);
    ssize_t n = closed ? -1 : write_pipe(in, in->held + in->held_start, held_bytes(in));
    if (n < 0) {
        input_close(s, in);
        return;
    }
    in->held_start += (size_t)n;
    input_settle(s, in);
}

void input_open(struct server *s, struct input *in, uint32_t id, int fd, bool tty)
{
    *in = (struct input){.watch = {.fd = fd, .ready = input_ready, .owner = in},
                         .id = id,
                         .window = WIRE_WINDOW,
                         .tty = tty,
                         .last = '\n'};
    if (!tty)
        set_up_pipe(fd);
    watch_set(s->events, &in->watch, 0);
}

int input_data(struct server *s, struct input *in, const uint8_t *data, size_t length)
{
    if (in->watch.fd < 0 || in->over)
        return 0; /* the host sent this before it received CLOSE or EXIT */
    if (length > in->window || in->ended)
        return -1;
    in->window -= (uint32_t)length;
    ssize_t n = held_bytes(in) ? 0 : write_pipe(in, data, length);
    if (n < 0 || ((size_t)n < length && hold_data(in, data + n, length - (size_t)n) < 0))
        input_close(s, in);
    else
        input_settle(s, in);
    return 0;
}

void input_eof(struct server *s, struct input *in)
{
    in->ended = true;
    if (in->watch.fd >= 0)
        input_settle(s, in);
}

void input_program_ended(struct server *s, struct input *in)
{
    in->over = in->ended = true;
    if (in->tty)
        input_close(s, in); /* other processes on the terminal get no end of file typed */
    else
        input_eof(s, in);
}

void input_close(struct server *s, struct input *in)
{
    if (in->watch.fd < 0)
        return;
    watch_close(s->events, &in->watch);
    drop_held(in);
    if (!in->ended)
        relay_send(s->relay, WIRE_CLOSE, in->id, NULL, 0);
}

/* --- output --- */

static size_t bytes_in_pipe(const struct output *out)
{
    int n = 0;
    return ioctl(out->watch.fd, FIONREAD, &n) < 0 ? 0 : (size_t)n;
}

/*
 * Watch for output; without credit only for the end of the stream. Edge-triggered, because
 * otherwise epoll would report a hang-up again and again.
 */
static void output_arm(struct server *s, struct output *out)
{
    watch_set(s->outputs, &out->watch, out->credit ? EPOLLIN : EPOLLET);
}

/* As read(2). A terminal gives little at a time, and EIO when no process has it open any more. */
static ssize_t read_output(const struct output *out, uint8_t *data, size_t most)
{
    ssize_t n = read(out->watch.fd, data, most), done = n;
    if (!out->tty)
        return n;
    while (n > 0 && (size_t)done < most &&
           (n = read(out->watch.fd, data + done, most - (size_t)done)) > 0)
        done += n;
    return done < 0 && errno == EIO ? 0 : done;
}

/* Read from the pipe straight into the queue, behind the frame's header. Returns as read(2). */
static ssize_t pass_output(struct server *s, struct output *out)
{
    size_t most = out->credit < WIRE_MAX_PAYLOAD ? out->credit : WIRE_MAX_PAYLOAD;
    uint8_t *room = relay_room(s->relay, most);
    if (!room)
        return -1;
    ssize_t n = read_output(out, room, most);
    if (n > 0) {
        relay_send_room(s->relay, WIRE_DATA, out->id, (size_t)n);
        out->credit -= (uint32_t)n;
        out->owed -= out->owed < (size_t)n ? out->owed : (size_t)n;
    }
    return n;
}

static bool may_pass_on(const struct server *s, const struct output *out)
{
    return out->credit > 0 && relay_queued(s->relay) < RELAY_SHORT_QUEUE;
}

static bool has_bytes(const struct output *out)
{
    return out->tty ? terminal_has_output(out->watch.fd) : bytes_in_pipe(out) > 0;
}

static void output_ready(struct server *s, struct watch *w, uint32_t events)
{
    struct output *out = w->owner;
    ssize_t n = 1;
    if (w->fd < 0)
        return;
    for (int i = 0; i < FRAMES_A_TURN && n > 0 && may_pass_on(s, out); i++)
        n = pass_output(s, out);
    bool ended = n == 0 || (out->credit == 0 && (events & EPOLLHUP) && !has_bytes(out));
    if (ended)
        output_close(s, out);
    else
        output_arm(s, out);
    if (out->owed > 0 && out->tty && !has_bytes(out))
        out->owed = 0;
    program_progress(s, out->program);
}

void output_open(struct output *out, struct program *p, uint32_t id, int fd, bool tty)
{
    *out = (struct output){.watch = {.fd = fd, .ready = output_ready, .owner = out},
                           .program = p,
                           .id = id,
                           .credit = WIRE_WINDOW,
                           .tty = tty};
    if (!tty)
        set_up_pipe(fd);
}

void output_begin(struct server *s, struct output *out)
{
    if (out->watch.fd >= 0)
        output_arm(s, out);
}

int output_credit(struct server *s, struct output *out, uint32_t bytes)
{
    if (out->watch.fd < 0)
        return 0; /* the host sent this before it received EOF */
    if (bytes > WIRE_WINDOW - out->credit)
        return -1;
    out->credit += bytes;
    if (out->watch.added)
        output_arm(s, out);
    return 0;
}

void output_close(struct server *s, struct output *out)
{
    if (out->watch.fd < 0)
        return;
    watch_close(s->outputs, &out->watch);
    out->owed = 0;
    relay_send(s->relay, WIRE_EOF, out->id, NULL, 0);
}

void output_count_owed(struct output *out)
{
    if (out->watch.fd < 0)
        out->owed = 0;
    else if (out->tty)
        out->owed = has_bytes(out) ? MOST_OWED : 0;
    else
        out->owed = bytes_in_pipe(out);
}

void output_look_for_end(struct server *s, struct output *out)
{
    struct pollfd p = {.fd = out->watch.fd, .events = POLLIN};
    if (out->watch.fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & (POLLIN | POLLHUP)) == POLLHUP)
        output_close(s, out);
}
