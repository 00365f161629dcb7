/* Removing what an owner has left: directories, files and control groups. */
#define _GNU_SOURCE 1
#include "keeperremove.h"

#include "keeperkill.h"
#include "shared/lxcfiles.h"
#include "shared/treeremove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LATE_MS = 4000, /* a libvirtd on a busy host starts a container, and ends it, in less */
    /*
     * For the processes of a control group to leave it. A container's fork bomb has 2048 of them,
     * and the kernel needs several seconds to end so many where the host is busy.
     */
    GROUP_MS = 60000,
    STEP_MS = 20,
};

static void remove_dirs(struct name_list *dirs)
{
    for (size_t i = dirs->n; i-- > 0;)
        if (tree_remove(dirs->names[i]) == 0 || errno == ENOENT)
            keeperorders_drop(dirs, i);
}

/* Returns whether nothing is left of those that had not started. */
static bool remove_of_containers(struct keeper_orders *orders)
{
    bool gone = true;

    for (size_t i = 0; i < orders->starting.n; i++)
        gone &= lxcfiles_remove(orders->starting.names[i]);
    for (size_t i = orders->started.n; i-- > 0;)
        if (lxcfiles_remove(orders->started.names[i]))
            keeperorders_drop(&orders->started, i);
    return gone;
}

/* Returns whether only the lock and the journal are left. */
static bool empty_run(const char *run)
{
    DIR *dir = opendir(run);
    struct dirent *e;
    bool empty = dir != NULL;

    while (dir && (e = readdir(dir))) {
        char entry[PATH_MAX];

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            strcmp(e->d_name, KEEPER_LOCK_NAME) == 0 || strcmp(e->d_name, KEEPER_JOURNAL_NAME) == 0)
            continue;
        if (snprintf(entry, sizeof(entry), "%s/%s", run, e->d_name) >= PATH_MAX ||
            (tree_remove(entry) < 0 && errno != ENOENT))
            empty = false;
    }
    if (dir)
        closedir(dir);
    return empty;
}

/* A directory without a journal has nothing to sweep, and one without a lock is only empty. */
static void remove_empty_run(const char *run)
{
    int dir = open(run, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (dir < 0)
        return;
    (void)unlinkat(dir, KEEPER_JOURNAL_NAME, 0);
    (void)unlinkat(dir, KEEPER_LOCK_NAME, 0);
    close(dir);
    (void)rmdir(run);
}

/* rmdir(2) of a control group does nothing but refuse (EBUSY) while there is a process in it. */
static void remove_groups(struct name_list *groups)
{
    for (size_t i = groups->n; i-- > 0;)
        if (rmdir(groups->names[i]) == 0 || errno != EBUSY)
            keeperorders_drop(groups, i);
}

/*
 * The files of containers that had not started are removed again and again until LATE_MS are over,
 * because libvirtd may go on with the start; those of the others once libvirtd has ended them.
 * Returns whether nothing is left.
 */
static bool obey_orders(struct keeper_orders *orders)
{
    long begin = keeperkill_now_ms();
    bool gone = true;

    for (;;) {
        long elapsed = keeperkill_now_ms() - begin;

        remove_dirs(&orders->dirs);
        remove_groups(&orders->groups);
        if (elapsed < LATE_MS)
            gone = remove_of_containers(orders);
        if ((elapsed >= LATE_MS || orders->starting.n + orders->started.n == 0) &&
            (elapsed >= GROUP_MS || orders->groups.n == 0))
            return gone && orders->dirs.n + orders->groups.n + orders->started.n == 0;
        (void)poll(NULL, 0, STEP_MS);
    }
}

/*
 * RUN is emptied at once, and once more after the time in which libvirtd may have been at work. It
 * goes last, because this process may be killed at any moment, too.
 */
void keeperremove_all(struct keeper_orders *orders, const char *run)
{
    if (run)
        (void)empty_run(run);
    if (obey_orders(orders) && run && empty_run(run))
        remove_empty_run(run);
}
