/* Removing what an owner has left: directories, files and control groups. */
#define _GNU_SOURCE 1
#include "keeperremove.h"

#include "keeperkill.h"
#include "shared/treeremove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdbool.h>
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

/*
 * Whether PATH is libvirt's file of a container that runs, "DIR/NAME.ENDING". libvirtd makes
 * NAME.pid when the container runs, and removes it when the container has ended. Until then the
 * name may be that of a container of another owner.
 */
static bool is_of_running_container(const char *path)
{
    static const char *const dirs[] = {"/run/libvirt/lxc/", "/var/log/libvirt/lxc/"};
    const char *dot = strrchr(path, '.');
    char pid_file[PATH_MAX];

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        size_t len = strlen(dirs[i]);

        if (strncmp(path, dirs[i], len) == 0 && dot > path + len) {
            snprintf(pid_file, sizeof(pid_file), "%s%.*s.pid", dirs[0], (int)(dot - path - len),
                     path + len);
            return access(pid_file, F_OK) == 0;
        }
    }
    return false;
}

/* Returns whether PATH is gone. */
static bool try_remove(const char *path)
{
    return !is_of_running_container(path) && (tree_remove(path) == 0 || errno == ENOENT);
}

static void remove_paths(struct path_list *list)
{
    for (size_t i = list->n; i-- > 0;)
        if (try_remove(list->paths[i]))
            path_drop(list, i);
}

static bool remove_late(const struct path_list *late)
{
    bool gone = true;

    for (size_t i = 0; i < late->n; i++)
        gone &= try_remove(late->paths[i]);
    return gone;
}

static bool has_running(const struct path_list *dirs)
{
    for (size_t i = 0; i < dirs->n; i++)
        if (is_of_running_container(dirs->paths[i]))
            return true;
    return false;
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
static void remove_groups(struct path_list *groups)
{
    for (size_t i = groups->n; i-- > 0;)
        if (rmdir(groups->paths[i]) == 0 || errno != EBUSY)
            path_drop(groups, i);
}

/*
 * "late" paths are removed again and again until LATE_MS are over, because libvirtd may make them
 * anew meanwhile; "dir" paths of a container as long as libvirtd has not ended that.
 */
static bool obey_orders(struct keeper_orders *orders)
{
    long begin = keeperkill_now_ms(), elapsed;
    bool late_gone;

    for (;;) {
        elapsed = keeperkill_now_ms() - begin;
        remove_paths(&orders->dirs);
        late_gone = remove_late(&orders->late);
        remove_groups(&orders->groups);
        if ((elapsed >= LATE_MS || (orders->late.n == 0 && !has_running(&orders->dirs))) &&
            (elapsed >= GROUP_MS || orders->groups.n == 0))
            return late_gone && orders->dirs.n == 0 && orders->groups.n == 0;
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
