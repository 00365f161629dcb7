/* The descriptors that the event loop watches, with epoll_ctl(2) only where something changes. */
#define _GNU_SOURCE
#include "watch.h"

#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void watch_set(int epoll, struct watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (w->added && w->events == events)
        return;
    if (epoll_ctl(epoll, w->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &e) < 0)
        say("watch a descriptor: %s", strerror(errno));
    w->added = true;
    w->events = events;
}

/*
 * Closing does not take a descriptor out of the set while a child between fork and exec has a copy
 * of it, so take it out by EPOLL_CTL_DEL.
 */
void watch_close(int epoll, struct watch *w)
{
    if (w->added)
        epoll_ctl(epoll, EPOLL_CTL_DEL, w->fd, NULL);
    close(w->fd);
    w->fd = -1;
    w->added = false;
}
