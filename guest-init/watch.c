/*
 * The descriptors that the event loop watches: epoll_ctl(2) is called only where something changes.
 */
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
 * Taken out by hand: a child between fork and exec may hold a copy, which would keep it in the set.
 */
void watch_close(int epoll, struct watch *w)
{
    if (w->added)
        epoll_ctl(epoll, EPOLL_CTL_DEL, w->fd, NULL);
    close(w->fd);
    w->fd = -1;
    w->added = false;
}
