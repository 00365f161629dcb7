/* The process that owns an object, and the descriptors that a forked child does not share. */
#include "base/ownprocess.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * A bit for each descriptor. A descriptor above is not held: a child shares it, as it would without
 * this file. The child's handler may call only what signal-safety(7) lists, so there is no list.
 */
enum { MOST_HELD = 65536, BITS = 32 };

static guint held[MOST_HELD / BITS]; /* atomic */
static gint highest = -1;            /* atomic; no descriptor above it was ever held */
static gint wakeup = -1;             /* atomic; GLib's eventfd, which wakes the main context */

pid_t lsb_process_owner(void)
{
    return getpid();
}

gboolean lsb_process_is(pid_t owner)
{
    return owner == getpid();
}

/* --- in the child of a fork --- */

static gboolean is_held(int fd)
{
    return (g_atomic_int_get(&held[fd / BITS]) & 1u << fd % BITS) != 0;
}

/*
 * An epoll instance that watches nothing is never readable or writable, and read(2), write(2) and
 * send(2) fail on it. To close the number would not do: the child would get it for another file,
 * and what was left of the parent's objects would use that.
 */
static void make_held_inert(void)
{
    int inert = epoll_create1(EPOLL_CLOEXEC);
    for (int fd = 0; fd <= g_atomic_int_get(&highest); fd++) {
        if (!is_held(fd))
            continue;
        if (inert < 0 || dup3(inert, fd, O_CLOEXEC) < 0)
            close(fd); /* the child may open no more descriptors */
    }
    for (gsize i = 0; i < G_N_ELEMENTS(held); i++)
        g_atomic_int_set(&held[i], 0);
    g_atomic_int_set(&highest, -1);
    if (inert >= 0)
        close(inert);
}

static void renew_wakeup(void)
{
    int old = g_atomic_int_get(&wakeup);
    int fresh = old < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fresh < 0)
        return;
    dup3(fresh, old, O_CLOEXEC);
    close(fresh);
}

static void on_forked(void)
{
    make_held_inert();
    renew_wakeup();
}

/* --- in the owner --- */

static void hear_of_forks(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        pthread_atfork(NULL, NULL, on_forked);
        g_once_init_leave(&once, 1);
    }
}

void lsb_process_hold(int fd)
{
    hear_of_forks();
    if (fd < 0 || fd >= MOST_HELD)
        return;
    g_atomic_int_or(&held[fd / BITS], 1u << fd % BITS);
    for (gint most = g_atomic_int_get(&highest);
         most < fd && !g_atomic_int_compare_and_exchange(&highest, most, fd);)
        most = g_atomic_int_get(&highest);
}

void lsb_process_forget(int fd)
{
    if (fd >= 0 && fd < MOST_HELD)
        g_atomic_int_and(&held[fd / BITS], ~(1u << fd % BITS));
}

static gboolean is_eventfd(int fd)
{
    char link[32], target[32] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, target, sizeof target - 1) > 0 &&
           strcmp(target, "anon_inode:[eventfd]") == 0;
}

/* The only eventfd among what the default main context polls; -1: there is none, or more. */
static int find_wakeup(void)
{
    GPollFD polled[64];
    gint timeout, found = -1;
    gint n = g_main_context_query(g_main_context_default(), G_MAXINT, &timeout, polled,
                                  G_N_ELEMENTS(polled));
    if (n > (gint)G_N_ELEMENTS(polled))
        return -1;
    for (gint i = 0; i < n; i++) {
        if (!is_eventfd(polled[i].fd))
            continue;
        if (found >= 0)
            return -1;
        found = polled[i].fd;
    }
    return found;
}

void lsb_process_own_wakeup(void)
{
    if (g_atomic_int_get(&wakeup) >= 0 || !g_main_context_acquire(NULL))
        return;
    g_atomic_int_set(&wakeup, find_wakeup());
    g_main_context_release(NULL);
    hear_of_forks();
}
