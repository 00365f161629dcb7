/* The state that the parts of the event loop share: descriptors, the relay, the programs. */
#ifndef LSANDBOX_INIT_SERVER_H
#define LSANDBOX_INIT_SERVER_H

#include "freshen.h"
#include "relay.h"
#include "watch.h"

#include <stdbool.h>
#include <stdint.h>

struct program;

struct server {
    struct relay *relay;
    int events;  /* epoll: all descriptors but the programs' outputs */
    int outputs; /* epoll: the programs' outputs; in EVENTS only while the relay's queue is short */
    bool outputs_on;
    bool locks_mounts; /* a container: programs with capabilities get a namespace of their own */
    int null;          /* /dev/null */
    int pts;           /* /dev/pts; -1: not there */
    struct watch relay_watch, signal_watch;
    struct program *programs;
    struct clock_question clock; /* FRESHEN waits for its answer */
    bool stop;      /* the host, or a signal, has asked for an orderly end */
    bool host_gone; /* the host is gone, or broke the protocol: end at once */
    bool detach;    /* the host has asked to go back to the wait for a plan */
};

#endif
