/* Descriptors in the sets of epoll(7) that the event loop waits for. */
#ifndef LSANDBOX_INIT_WATCH_H
#define LSANDBOX_INIT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct server;

/*
 * A descriptor in the event loop, a member of the structure that it belongs to, OWNER. READY may be
 * called once more in the same round after the descriptor was closed: then fd is -1.
 */
struct watch {
    int fd;
    bool added;
    uint32_t events;
    void (*ready)(struct server *s, struct watch *w, uint32_t events);
    void *owner;
};

/* Watch W in EPOLL for EVENTS (0: only errors and hang-ups), if it is not watched so already. */
void watch_set(int epoll, struct watch *w, uint32_t events);

/* Take W out of EPOLL and close its descriptor. */
void watch_close(int epoll, struct watch *w);

#endif
