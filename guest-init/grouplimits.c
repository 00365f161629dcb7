/* The control group of all programs of a machine, and which limits a program has met. */
#define _GNU_SOURCE
#include "grouplimits.h"

#include "log.h"
#include "syscalls.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Open files, which stay usable when their mounts are detached; -1: not there. */
static int group = -1, entrance = -1, events = -1, vmstat = -1;

/* No program has run yet that could have met a limit: then FIRST_SEEN still holds. */
static bool nothing_ran;
static struct limits_seen first_seen;

static int write_kernel_file(int dir, const char *name, const char *text)
{
    int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
    int result = fd >= 0 && write(fd, text, strlen(text)) > 0 ? 0 : -1;
    close_keep(fd);
    return result;
}

/* The number after KEY in lines of "key number"; 0: none. */
static uint64_t number_behind(int fd, const char *key)
{
    char text[8192], *at = text; /* /proc/vmstat has some 4 KiB, and the key near its middle */
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    size_t length = strlen(key);
    text[n < 0 ? 0 : n] = 0;
    while (at && !(strncmp(at, key, length) == 0 && at[length] == ' '))
        at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    return at ? strtoull(at + length, NULL, 10) : 0;
}

static struct limits_seen read_counters(void)
{
    return (struct limits_seen){.oom_kills = number_behind(vmstat, "oom_kill"),
                                .refused_forks = number_behind(events, "max")};
}

/* Before the first program, spare a read of /proc/vmstat, which is slow without KVM. */
struct limits_seen limits_look(void)
{
    if (!nothing_ran)
        return read_counters();
    nothing_ran = false;
    return first_seen;
}

/* --- the group --- */

/* Make the group in TOP, the top of the hierarchy (the kernel's cgroup-v2.rst, "PID"). */
static int make_group(int top)
{
    if (write_kernel_file(top, "cgroup.subtree_control", "+pids") < 0 ||
        (mkdirat(top, "programs", 0755) < 0 && errno != EEXIST))
        return -1;
    group = openat(top, "programs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    entrance = openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    events = openat(group, "pids.events", O_RDONLY | O_CLOEXEC);
    return entrance < 0 ? -1 : 0;
}

/* Close the files of the plan before. */
static void forget(void)
{
    int *const files[] = {&group, &entrance, &events, &vmstat};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        close(*files[i]);
        *files[i] = -1;
    }
}

static int mount_and_make(const char *work)
{
    if (mount("none", work, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return -1;
    int top = open(work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = make_group(top);
    close_keep(top);
    syscall_unmount_keep(work);
    return result;
}

static int stage_errno;

void limits_stage(const char *work)
{
    forget();
    vmstat = open("/proc/vmstat", O_RDONLY | O_CLOEXEC); /* the initramfs's own /proc */
    stage_errno = mount_and_make(work) < 0 ? errno : 0;
    first_seen = read_counters();
    nothing_ran = true;
}

static void leave_no_group(void)
{
    close(group);
    close(entrance);
    group = entrance = -1;
}

int limits_prepare(const struct plan *plan)
{
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)plan->pids);
    if (!plan->pids) {
        leave_no_group();
    } else if (stage_errno || write_kernel_file(group, "pids.max", text) < 0) {
        errno = stage_errno ? stage_errno : errno;
        return failed("limit the number of processes");
    }
    return 0;
}

static bool born_inside; /* this process, a child, began in the group */

int limits_enter(void)
{
    return born_inside || entrance < 0 || write(entrance, "0", 1) == 1 ? 0 : -1;
}

/*
 * clone3(2) makes a process in the group, so that it need not be moved there, which waits for an
 * RCU grace period. The kernel makes no process in a full group, but lets one be moved there: so
 * fork(2) and limits_enter() serve the host that looks into a sandbox that is full.
 */
pid_t limits_fork(void)
{
    struct clone_args arguments = {
        .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)group};
    pid_t pid = group < 0 ? -1 : (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    born_inside = pid == 0;
    return pid >= 0 ? pid : fork();
}

uint64_t limits_cpu(const struct request *q)
{
    for (uint32_t i = 0; i < q->limit_count; i++)
        if (q->limits[i].resource == RLIMIT_CPU)
            return q->limits[i].hard;
    return 0;
}

/*
 * Whether USED is at least three quarters of SECONDS. RLIMIT_CPU counts ticks, and rusage what the
 * scheduler has measured (cputime_adjust() in kernel/sched/cputime.c); they have been seen to
 * differ by a fifth.
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
        return signal == SIGXFSZ ? WIRE_LIMIT_FSIZE : WIRE_LIMIT_CPU; /* the signal says so */
    struct limits_seen now = read_counters();
    uint32_t met = now.oom_kills > seen->oom_kills ? WIRE_LIMIT_MEMORY : 0;
    if (now.refused_forks > seen->refused_forks)
        met |= WIRE_LIMIT_PIDS;
    if (signal == SIGKILL && used_up(cpu, used))
        met |= WIRE_LIMIT_CPU;
    return met;
}
