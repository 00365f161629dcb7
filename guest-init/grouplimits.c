#define _GNU_SOURCE
#include "grouplimits.h"

#include "kernel.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Files that are read and written long after their mounts are out of sight; -1: not there. */
static int entrance = -1, events = -1, vmstat = -1;

static int write_file(int dir, const char *name, const char *text)
{
    int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
    int result = fd >= 0 && write(fd, text, strlen(text)) > 0 ? 0 : -1;
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

/* ROOT_GROUP: the top of the hierarchy. Kernel, cgroup-v2.rst, "PID". */
static int make_group(int top, uint32_t pids)
{
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)pids);
    if (write_file(top, "cgroup.subtree_control", "+pids") < 0 ||
        (mkdirat(top, "programs", 0755) < 0 && errno != EEXIST))
        return -1;
    int group = openat(top, "programs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = group < 0 ? -1 : write_file(group, "pids.max", text);
    entrance = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    events = openat(group, "pids.events", O_RDONLY | O_CLOEXEC);
    close(group);
    return entrance < 0 ? -1 : result;
}

/* Of the plan before. */
static void forget(void)
{
    int *const files[] = {&entrance, &events, &vmstat};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        close(*files[i]);
        *files[i] = -1;
    }
}

int limits_prepare(const struct root *root, const struct plan *plan)
{
    forget();
    vmstat = open("/proc/vmstat", O_RDONLY | O_CLOEXEC); /* the initramfs's own /proc */
    if (!plan->pids)
        return 0;
    if (mount("none", root->work, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return failed("mount the control groups that limit the number of processes");
    int top = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = make_group(top, plan->pids);
    if (result < 0)
        failed("limit the number of processes");
    close(top);
    umount2(root->work, MNT_DETACH);
    return result;
}

int limits_enter(void)
{
    return entrance < 0 || write(entrance, "0", 1) == 1 ? 0 : -1;
}

/* The number behind KEY in lines of "key number". */
static uint64_t number_of(int fd, const char *key)
{
    char text[8192], *at = text; /* /proc/vmstat has some 4 KiB, and the key near its middle */
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    size_t length = strlen(key);
    text[n < 0 ? 0 : n] = 0;
    while (at && !(strncmp(at, key, length) == 0 && at[length] == ' '))
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    return at ? strtoull(at + length, NULL, 10) : 0;
}

struct limits_seen limits_look(void)
{
    return (struct limits_seen){.oom_kills = number_of(vmstat, "oom_kill"),
                                .refused_forks = number_of(events, "max")};
}

uint64_t limits_cpu(const struct request *q)
{
    for (uint32_t i = 0; i < q->limit_count; i++)
        if (q->limits[i].resource == RLIMIT_CPU)
            return q->limits[i].hard;
    return 0;
}

/*
 * RLIMIT_CPU counts ticks, and rusage what the scheduler has measured (cputime_adjust() in
 * kernel/sched/cputime.c): a fifth apart has been seen. So: most of it.
 */
static bool used_up(uint64_t seconds, const struct rusage *used)
{
    uint64_t us = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 +
                  (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
    return seconds && seconds < UINT64_MAX / 3000000 && us * 4 >= seconds * 3000000;
}

uint32_t limits_met(const struct limits_seen *seen, uint64_t cpu, int status,
                    const struct rusage *used)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGXFSZ || (signal == SIGXCPU && cpu))
        return signal == SIGXFSZ ? WIRE_LIMIT_FSIZE : WIRE_LIMIT_CPU; /* that is certain */
    struct limits_seen now = limits_look();
    uint32_t met = now.oom_kills > seen->oom_kills ? WIRE_LIMIT_MEMORY : 0;
    if (now.refused_forks > seen->refused_forks)
        met |= WIRE_LIMIT_PIDS;
    if (signal == SIGKILL && used_up(cpu, used))
        met |= WIRE_LIMIT_CPU;
    return met;
}
