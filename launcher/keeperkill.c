/* Finding and killing the QEMUs of a run directory that have not registered with a keeper. */
#define _GNU_SOURCE 1
#include "keeperkill.h"

#include "pidfd.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What is read of a command line; libvirt's longest are a quarter of this. */
enum { CMDLINE_MAX = 65536 };

long keeperkill_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Read /proc/PID/NAME. The number of bytes, 0 where it cannot be read. */
static size_t read_proc(const char *pid, const char *name, char *text, size_t size)
{
    char path[64];
    size_t length = 0;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%.16s/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    while (length < size && (n = read(fd, text + length, size - length)) > 0)
        length += (size_t)n;
    close(fd);
    return length;
}

static bool is_qemu_of(const char *pid, const char *run)
{
    static char cmdline[CMDLINE_MAX];
    char comm[5], below[PATH_MAX];
    int length = snprintf(below, sizeof(below), "%s/", run);

    return read_proc(pid, "comm", comm, sizeof(comm)) == sizeof(comm) &&
           memcmp(comm, "qemu-", sizeof(comm)) == 0 && length < (int)sizeof(below) &&
           memmem(cmdline, read_proc(pid, "cmdline", cmdline, sizeof(cmdline)), below,
                  (size_t)length);
}

/*
 * The pidfd is opened before the process is looked at again, so that it cannot name a later process
 * with the same id.
 */
static void kill_qemu(const char *pid, const char *run, struct keeper_set *set)
{
    int pidfd = pidfd_of_pid((pid_t)atoi(pid));

    if (pidfd < 0)
        return;
    if (is_qemu_of(pid, run)) {
        pidfd_kill(pidfd);
        (void)keeperset_add_process(set, pidfd);
    } else {
        close(pidfd);
    }
}

void keeperkill_qemus(const char *run, struct keeper_set *set)
{
    DIR *proc = opendir("/proc");
    struct dirent *e;

    while (proc && (e = readdir(proc)))
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_qemu_of(e->d_name, run))
            kill_qemu(e->d_name, run, set);
    if (proc)
        closedir(proc);
}

/* A pidfd is ready as soon as its process is a zombie, whether or not somebody reaps it. */
void keeperkill_await(struct keeper_set *set)
{
    long deadline = keeperkill_now_ms() + KEEPER_KILL_MS;
    long left;

    while (set->n > 0 && (left = deadline - keeperkill_now_ms()) > 0) {
        if (poll(set->polls, set->n, (int)left) < 0)
            continue;
        for (size_t i = set->n; i-- > 0;)
            if (set->polls[i].revents)
                keeperset_drop(set, i);
    }
}
