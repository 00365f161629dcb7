/* The first frames with a host: HELLO both ways, then the plan. */
#define _GNU_SOURCE
#include "greet.h"

#include "clock.h"
#include "freshen.h"
#include "log.h"
#include "marks.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * A port without a host is readable (read(2) gives 0) and hung up all the time, so poll(2) would
 * spin. Edge-triggered epoll reports that once, and again only when the driver wakes its wait
 * queue: when the host opens or closes its end, or data comes (drivers/char/virtio_console.c,
 * handle_control_message).
 */
static int watch_edges(int fd)
{
    int edges = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    if (edges >= 0 && epoll_ctl(edges, EPOLL_CTL_ADD, fd, &e) < 0) {
        close_keep(edges);
        return -1;
    }
    return edges;
}

static bool has_host(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) >= 0 && !(p.revents & (POLLHUP | POLLERR));
}

/* Whether F is about a program that runs: after DETACH, the program's last frame crossed F. */
static bool is_about_program(const struct wire_frame *f)
{
    return (f->type >= WIRE_DATA && f->type <= WIRE_CLOSE) || f->type == WIRE_SIGNAL ||
           f->type == WIRE_RESIZE;
}

/*
 * 1: the host has said HELLO. 0: not yet. -1: it is gone, or has said something else. AGAIN: the
 * host is the one that said DETACH, so its late frames are dropped.
 */
static int take_hello(struct relay *r, enum relay_state state, bool again)
{
    struct wire_frame f;
    int got = relay_next(r, &f);
    while (again && got > 0 && is_about_program(&f))
        got = relay_next(r, &f);
    if (got == 0)
        return state == RELAY_GONE ? failed_with(EPIPE, "wait for the host's hello") : 0;
    struct wire_reader in = {.at = f.payload, .end = f.payload + (got > 0 ? f.length : 0)};
    if (got < 0 || f.type != WIRE_HELLO || f.id != 0 || wire_get_u32(&in) != WIRE_VERSION ||
        in.failed)
        return failed_with(EPROTO, "read the host's hello: not version %d of the relay",
                           WIRE_VERSION);
    return 1;
}

/* Say HELLO once to each host that connects. What an earlier host did not read is dropped. */
static void say_hello(struct relay *r, bool machine, bool *said)
{
    struct wire_buf b = {0};
    if (*said || !has_host(r->fd))
        return;
    relay_drop_queue(r);
    wire_put_u32(&b, WIRE_VERSION);
    if (machine) {
        wire_put_u32(&b, freshen_is_renewable() ? WIRE_HELLO_RENEWABLE : 0);
        wire_put_u64(&b, (uint64_t)clock_ns());
    }
    relay_send_fields(r, WIRE_HELLO, 0, &b);
    mark(WIRE_MARK_HELLO);
    *said = true;
}

static int exchange(struct relay *r, int edges, bool machine, bool said)
{
    bool again = said;
    for (;;) {
        say_hello(r, machine, &said);
        relay_flush(r);
        enum relay_state state = relay_fill(r);
        if (state == RELAY_GONE && machine) {
            said = again = false;
            state = RELAY_OPEN;
            relay_drop_input(r);
        }
        int got = take_hello(r, state, again);
        if (got != 0)
            return got < 0 ? -1 : 0;
        struct epoll_event e;
        if (said || !has_host(r->fd)) /* else a host has connected just now: greet it */
            epoll_wait(edges, &e, 1, -1);
    }
}

static int greet(struct relay *r, bool machine, bool said)
{
    int edges = watch_edges(r->fd);
    if (edges < 0)
        return failed("watch the relay");
    int result = exchange(r, edges, machine, said);
    close(edges);
    return result;
}

int greet_host(struct relay *r, bool machine)
{
    return greet(r, machine, false);
}

int greet_again(struct relay *r)
{
    return greet(r, true, true);
}

int greet_plan(struct relay *r, struct plan *plan)
{
    struct wire_frame f;
    int got = relay_await(r, &f);
    if (got == 0)
        return failed_with(EPIPE, "wait for the plan: the host is gone");
    if (got < 0 || f.type != WIRE_PLAN || f.id != 0)
        return failed_with(EPROTO, "wait for the plan: something else came");
    mark(WIRE_MARK_PLAN);
    return plan_parse(plan, &f);
}
