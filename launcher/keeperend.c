/*
 * What the keeper does when its owner has ended: it sends SIGKILL to every QEMU that has
 * registered, and to every other process that the owner has named, and removes directories and
 * control groups.
 */
#define _GNU_SOURCE 1
#include "keeperend.h"

#include "keeperkill.h"
#include "keeperremove.h"
#include "pidfd.h"

#include <unistd.h>

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

void keeperend_run(struct keeper_set *set, struct keeper_orders *orders, const char *socket_path,
                   const char *run)
{
    stop_admitting(set, socket_path);
    kill_watched(set);
    close_control(set);
    keeperkill_await(set);
    if (run) {
        keeperkill_qemus(run, set);
        keeperkill_await(set);
    }
    keeperremove_all(orders, run);
    /* A QEMU that libvirt has started since then found its directory, or it has ended by itself. */
    if (run)
        keeperkill_qemus(run, set);
}
