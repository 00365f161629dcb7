/* Makes a user namespace, by a process that is killed as soon as the namespace has its maps. */
#include "host/usernamespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

static gboolean write_namespace_map(int pid, const char *name, const char *map)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, name);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t length = (ssize_t)strlen(map);
    return fd >= 0 && write(fd, map, (gsize)length) == length;
}

/*
 * Start the process that a new namespace needs at first. The process waits for the end of a pipe.
 * It sends no signal when it ends, and only __WCLONE waits for it, so a program that embeds
 * lsandbox and waits for its own children does not see it. It makes only system calls, because
 * threads that it does not have may hold locks of the C library.
 */
static int process_in_namespace(const int ends[2])
{
    char byte;
    int pid = (int)syscall(SYS_clone, CLONE_NEWUSER, NULL, NULL, NULL, NULL);
    if (pid != 0)
        return pid;
    close(ends[1]);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

static int open_namespace(int pid, const char *uids, const char *gids)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/ns/user", pid);
    if (!write_namespace_map(pid, "uid_map", uids) || !write_namespace_map(pid, "gid_map", gids))
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC);
}

int lsb_user_namespace(const char *uids, const char *gids)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    int pid = process_in_namespace(ends);
    int fd = pid < 0 ? -1 : open_namespace(pid, uids, gids);
    int errnum = errno; /* of the failure, which the clean-up must not change */
    close(ends[0]);
    close(ends[1]);
    if (pid > 0)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
        ;
    errno = errnum;
    return fd;
}
