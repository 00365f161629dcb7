/*
 * What the parts of the event loop share: watched descriptors, the relay, the programs.
 */
#ifndef LSANDBOX_INIT_SERVER_H
#define LSANDBOX_INIT_SERVER_H

#include "relay.h"

#include <stdbool.h>
#include <stdint.h>

struct server;
struct program;

/*
 * A descriptor in the event loop. It is embedded in what it belongs to, which READY gets at. READY
 * may be called once more, in the same round, after the descriptor was closed: fd is -1 then.
 */
struct watch {
    int fd;
    bool added;
    uint32_t events;
    void (*ready)(struct server *s, struct watch *w, uint32_t events);
    void *owner;
};

struct server {
    struct relay *relay;
    int events;  /* epoll: everything, and the next one */
    int outputs; /* epoll: the programs' outputs; in the first one only while the queue is short */
    bool outputs_on;
    bool locks_mounts; /* a container: programs with capabilities get a namespace of their own */
    int null;          /* /dev/null */
    int pts;           /* /dev/pts, -1: not there */
    struct watch relay_watch, signal_watch;
    struct program *programs;
    bool stop;      /* end in order: the host, or a signal, says so */
    bool host_gone; /* end at once */
    bool detach;    /* stop serving for now */
};

/* Watch W in EPOLL for EVENTS (0: only errors and hang-ups); no change when it does already. */
void watch_set(int epoll, struct watch *w, uint32_t events);

/* Take W out of EPOLL and close its descriptor. */
void watch_close(int epoll, struct watch *w);

#endif
