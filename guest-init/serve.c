/* The event loop, with a handler for each type of frame. */
#define _GNU_SOURCE
#include "serve.h"

#include "detach.h"
#include "freshen.h"
#include "hotplug.h"
#include "log.h"
#include "program.h"
#include "server.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EVENTS_A_ROUND = 64 };

/* --- frames from the host --- */

static struct program *program_of_stream(struct server *s, const struct wire_frame *f)
{
    return program_find(s, wire_program_of(f->id));
}

static struct output *output_of_frame(struct server *s, const struct wire_frame *f)
{
    struct program *p = program_of_stream(s, f);
    return p ? &p->out[wire_stream_of(f->id) - 1] : NULL;
}

static int get_u32(const struct wire_frame *f, uint32_t *value)
{
    struct wire_reader r = {.at = f->payload, .end = f->payload + f->length};
    *value = wire_get_u32(&r);
    return r.failed || r.at != r.end ? -1 : 0;
}

/*
 * A frame for a program that is gone was on its way when the guest sent the last frame about it, so
 * that is no error.
 */
static int data_frame(struct server *s, const struct wire_frame *f)
{
    struct program *p = program_of_stream(s, f);
    return p ? input_data(s, &p->in, f->payload, f->length) : 0;
}

static int eof_frame(struct server *s, const struct wire_frame *f)
{
    struct program *p = program_of_stream(s, f);
    if (p)
        input_eof(s, &p->in);
    return f->length ? -1 : 0;
}

static int credit_frame(struct server *s, const struct wire_frame *f)
{
    struct output *out = output_of_frame(s, f);
    uint32_t bytes;
    if (get_u32(f, &bytes) < 0)
        return -1;
    return out ? output_credit(s, out, bytes) : 0;
}

static int close_frame(struct server *s, const struct wire_frame *f)
{
    struct output *out = output_of_frame(s, f);
    if (out)
        program_close_output(s, out);
    return f->length ? -1 : 0;
}

static int signal_frame(struct server *s, const struct wire_frame *f)
{
    struct program *p = program_find(s, f->id);
    uint32_t number;
    if (get_u32(f, &number) < 0 || number == 0 || number >= (uint32_t)_NSIG)
        return -1;
    if (p)
        program_signal(p, (int)number);
    return 0;
}

static int resize_frame(struct server *s, const struct wire_frame *f)
{
    struct wire_reader r = {.at = f->payload, .end = f->payload + f->length};
    struct program *p = program_find(s, f->id);
    uint32_t rows = wire_get_u32(&r), cols = wire_get_u32(&r);
    if (r.failed || r.at != r.end || rows > WIRE_MOST_CELLS || cols > WIRE_MOST_CELLS)
        return -1;
    return p ? program_resize(p, rows, cols) : 0;
}

static int shutdown_frame(struct server *s, const struct wire_frame *f)
{
    s->stop = true;
    return f->id || f->length ? -1 : 0;
}

static void say_busy(struct server *s, const char *what)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, EBUSY);
    wire_put_str(&b, what);
    relay_send_fields(s->relay, WIRE_DETACHED, 0, &b);
}

/* The caller of serve() carries DETACH out, and answers it then. */
static int detach_frame(struct server *s, const struct wire_frame *f)
{
    if (f->id || f->length || s->locks_mounts || s->clock.is_open)
        return -1;
    program_forget_done(s);
    if (detach_check() < 0)
        say_busy(s, failure_text());
    else if (s->programs)
        say_busy(s, "the streams of a program are open");
    else
        s->detach = true;
    return 0;
}

/* Only for a machine, because a container has the host's clock and random numbers. */
static int freshen_frame(struct server *s, const struct wire_frame *f)
{
    if (f->id || s->locks_mounts || s->clock.is_open || freshen_begin(f) < 0)
        return -1;
    freshen_ask(s->relay, &s->clock);
    return 0;
}

static int time_frame(struct server *s, const struct wire_frame *f)
{
    int done = freshen_answer(s->relay, &s->clock, f);
    if (done > 0)
        relay_send(s->relay, WIRE_FRESHENED, 0, NULL, 0);
    return done < 0 ? -1 : 0;
}

/* The ids that a type of frame may have. */
enum id_kind { ID_ANY, ID_INPUT, ID_OUTPUT };

static const struct {
    enum wire_type type;
    enum id_kind id;
    int (*handle)(struct server *s, const struct wire_frame *f);
} handlers[] = {
    {WIRE_DATA, ID_INPUT, data_frame},
    {WIRE_EOF, ID_INPUT, eof_frame},
    {WIRE_CREDIT, ID_OUTPUT, credit_frame},
    {WIRE_CLOSE, ID_OUTPUT, close_frame},
    {WIRE_SPAWN, ID_ANY, program_spawn},
    {WIRE_SIGNAL, ID_ANY, signal_frame},
    {WIRE_SHUTDOWN, ID_ANY, shutdown_frame},
    {WIRE_RESIZE, ID_ANY, resize_frame},
    {WIRE_DETACH, ID_ANY, detach_frame},
    {WIRE_FRESHEN, ID_ANY, freshen_frame},
    {WIRE_TIME, ID_ANY, time_frame},
};

static bool id_fits(enum id_kind kind, uint32_t id)
{
    enum wire_stream stream = wire_stream_of(id);
    if (kind == ID_INPUT)
        return stream == WIRE_STDIN;
    return kind == ID_ANY || stream == WIRE_STDOUT || stream == WIRE_STDERR;
}

static int handle_frame(struct server *s, const struct wire_frame *f)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (handlers[i].type == f->type)
            return id_fits(handlers[i].id, f->id) ? handlers[i].handle(s, f) : -1;
    return -1;
}

static int handle_frames(struct server *s)
{
    struct wire_frame f = {0};
    int got;
    while (!s->stop && !s->detach && (got = relay_next(s->relay, &f)) != 0)
        if (got < 0 || handle_frame(s, &f) < 0)
            return failed_with(EPROTO, "read the relay: frame of type %u, id %u, length %u",
                               (unsigned)f.type, (unsigned)f.id, (unsigned)f.length);
    return 0;
}

static void relay_ready(struct server *s, struct watch *w, uint32_t events)
{
    (void)w;
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    enum relay_state state = relay_fill(s->relay);
    if (handle_frames(s) < 0)
        s->host_gone = true;
    else if (state == RELAY_GONE && !s->stop) {
        failed_with(EPIPE, "serve: the host has closed the relay");
        s->host_gone = true;
    }
}

/* --- signals --- */

static void watched_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    sigaddset(set, SIGTERM); /* libvirt's shutdown of a container */
    sigaddset(set, SIGINT);
    sigaddset(set, SIGPWR);
}

void serve_block_signals(void)
{
    sigset_t set;
    for (int i = 1; i <= SIGRTMAX; i++)
        signal(i, SIG_DFL); /* programs must not inherit signals that the init was to ignore */
    watched_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void serve_unblock_signals(void)
{
    sigset_t none;
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void signal_ready(struct server *s, struct watch *w, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (read(w->fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            s->stop = true;
    program_reap_all(s);
}

/* --- the loop --- */

static int open_server(struct server *s)
{
    sigset_t set;
    watched_signals(&set);
    s->events = epoll_create1(EPOLL_CLOEXEC);
    s->outputs = epoll_create1(EPOLL_CLOEXEC);
    s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    s->pts = open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC); /* no program can change it yet */
    s->relay_watch = (struct watch){.fd = s->relay->fd, .ready = relay_ready};
    s->signal_watch =
        (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = signal_ready};
    if (s->events < 0 || s->outputs < 0 || s->null < 0 || s->signal_watch.fd < 0)
        return failed("set up the event loop");
    watch_set(s->events, &s->signal_watch, EPOLLIN);
    hotplug_watch(s);
    return 0;
}

/* The set of outputs is a descriptor in the set of events: taking it out stops all outputs. */
static void switch_outputs(struct server *s, bool on)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    if (on != s->outputs_on)
        epoll_ctl(s->events, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, s->outputs, &e);
    s->outputs_on = on;
}

static void dispatch(struct server *s, int epoll, int timeout)
{
    struct epoll_event events[EVENTS_A_ROUND];
    int n = epoll_wait(epoll, events, EVENTS_A_ROUND, timeout);
    for (int i = 0; i < n; i++) {
        struct watch *w = events[i].data.ptr;
        if (w)
            w->ready(s, w, events[i].events);
        else
            dispatch(s, s->outputs, 0);
    }
}

/* One round of the loop: send first, so that the frames of the last round are on their way. */
static int round_trip(struct server *s)
{
    if (relay_flush(s->relay) == RELAY_GONE)
        return failed_with(EPIPE, "serve: the host has closed the relay");
    if (s->relay->out_of_memory)
        return failed_with(ENOMEM, "serve: no memory for a frame");
    switch_outputs(s, relay_queued(s->relay) < RELAY_SHORT_QUEUE);
    watch_set(s->events, &s->relay_watch, EPOLLIN | (relay_queued(s->relay) ? EPOLLOUT : 0));
    dispatch(s, s->events, -1);
    program_forget_done(s);
    return s->host_gone ? -1 : 0;
}

static void close_server(struct server *s)
{
    const int fds[] = {s->events, s->outputs, s->null, s->pts, s->signal_watch.fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        close(fds[i]);
}

enum serve_end serve(struct relay *r, bool machine)
{
    struct server s = {.relay = r, .locks_mounts = !machine};
    int result = open_server(&s);
    if (result == 0 && handle_frames(&s) < 0) /* frames that came together with the plan */
        result = -1;
    while (result == 0 && !s.stop && !s.detach)
        result = round_trip(&s);
    if (result < 0)
        return SERVE_FAILED;
    if (s.stop)
        return SERVE_STOP;
    close_server(&s);
    return SERVE_DETACH;
}
