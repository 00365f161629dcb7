/*
 * What the keeper does when its owner has ended: it sends SIGKILL to every QEMU that has
 * registered, and to every other process that the owner has named, and removes directories and
 * control groups.
 */
#define _GNU_SOURCE 1
#include "keeperend.h"

#include "pidfd.h"
#include "shared/lxcfiles.h"
#include "shared/treeremove.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

enum {
    KILL_MS = 5000,  /* a killed process that takes longer hangs in the kernel: no use in waiting */
    GROUP_MS = 1500, /* the same for processes in a control group, which others kill */
    GROUP_STEP_MS = 10,
    LATE_MS = 4000, /* a libvirtd on a busy host starts a container, and ends it, in less */
    LATE_STEP_MS = 50,
};

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- processes --- */

/*
 * The listening socket and all launchers that wait: they get no "ok", so they do not become QEMU.
 */
static void stop_admitting(struct keeper_set *set, const char *socket_path)
{
    for (size_t i = set->n; i-- > 0;) {
        if (set->roles[i] == ROLE_LISTENER)
            unlink(socket_path);
        if (set->roles[i] != ROLE_PROCESS && set->roles[i] != ROLE_CONTROL)
            keeperset_drop(set, i);
    }
}

static void kill_watched(const struct keeper_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->roles[i] == ROLE_PROCESS)
            pidfd_kill(set->polls[i].fd);
}

static void close_control(struct keeper_set *set)
{
    for (size_t i = set->n; i-- > 0;)
        if (set->roles[i] == ROLE_CONTROL)
            keeperset_drop(set, i);
}

/* A pidfd is ready as soon as its process is a zombie, whether or not somebody reaps it. */
static void await_watched(struct keeper_set *set)
{
    long deadline = now_ms() + KILL_MS;
    long left;

    while (set->n > 0 && (left = deadline - now_ms()) > 0) {
        if (poll(set->polls, set->n, (int)left) < 0)
            continue;
        for (size_t i = set->n; i-- > 0;)
            if (set->polls[i].revents)
                keeperset_drop(set, i);
    }
}

/* --- directories and control groups --- */

static void remove_dirs(struct name_list *dirs)
{
    while (dirs->n > 0)
        (void)tree_remove(dirs->names[--dirs->n]);
}

/* rmdir(2) of a control group does nothing but refuse (EBUSY) while there is a process in it. */
static void remove_groups(struct name_list *groups)
{
    long deadline = now_ms() + GROUP_MS;

    while (groups->n > 0) {
        for (size_t i = groups->n; i-- > 0;)
            if (rmdir(groups->names[i]) == 0 || errno != EBUSY)
                groups->names[i] = groups->names[--groups->n];
        if (now_ms() >= deadline)
            return;
        if (groups->n > 0)
            (void)poll(NULL, 0, GROUP_STEP_MS);
    }
}

/*
 * Those that had not started again and again until the time is over, because libvirtd may go on
 * with the start; the others once libvirtd has ended them.
 */
static void remove_of_containers(struct keeper_orders *orders)
{
    long deadline = now_ms() + LATE_MS;

    while (orders->starting.n + orders->started.n > 0 && now_ms() < deadline) {
        for (size_t i = 0; i < orders->starting.n; i++)
            (void)lxcfiles_remove(orders->starting.names[i]);
        for (size_t i = orders->started.n; i-- > 0;)
            if (lxcfiles_remove(orders->started.names[i]))
                keeperowner_drop(&orders->started, i);
        (void)poll(NULL, 0, LATE_STEP_MS);
    }
}

void keeperend_run(struct keeper_set *set, struct keeper_orders *orders, const char *socket_path)
{
    stop_admitting(set, socket_path);
    kill_watched(set);
    close_control(set);
    await_watched(set);
    remove_dirs(&orders->dirs);
    remove_groups(&orders->groups);
    remove_of_containers(orders);
}
