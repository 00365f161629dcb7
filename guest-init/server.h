/*
 * What the parts of the event loop share: watched descriptors, the relay, the programs.
 */
#ifndef LSANDBOX_INIT_SERVER_H
#define LSANDBOX_INIT_SERVER_H

#include "relay.h"
#include "watch.h"

#include <stdbool.h>
#include <stdint.h>

struct program;

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

#endif
