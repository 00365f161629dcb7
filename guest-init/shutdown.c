/* Ends all processes, unmounts, and powers the machine off or ends the container. */
#define _GNU_SOURCE
#include "shutdown.h"

#include "log.h"
#include "mountinfo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    REAP_SECONDS = 5, /* a killed process ends at once, unless a disk that hangs holds it */
    BYE_MS = 1000,    /* for a busy host to read BYE */
};

/* Wait for a SIGCHLD, which is blocked since the start, until END. false: the time is over. */
static bool wait_for_child(const struct timespec *end)
{
    struct timespec now, left;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &now);
    left.tv_sec = end->tv_sec - now.tv_sec;
    left.tv_nsec = end->tv_nsec - now.tv_nsec;
    if (left.tv_nsec < 0) {
        left.tv_sec--;
        left.tv_nsec += 1000000000;
    }
    return left.tv_sec >= 0 && (sigtimedwait(&set, NULL, &left) >= 0 || errno == EINTR);
}

static void kill_processes(void)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += REAP_SECONDS;
    kill(-1, SIGKILL);
    for (;;) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            return;
        if (pid == 0 && !wait_for_child(&end)) {
            say("some processes do not die");
            return;
        }
    }
}

/* Filesystems of these types hold nothing that outlives the sandbox. */
static bool in_memory_only(const char *type)
{
    static const char *const types[] = {"proc",   "sysfs",   "tmpfs", "devtmpfs", "devpts",
                                        "cgroup", "cgroup2", "fuse",  "mqueue",   "rootfs"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

/* The last mount first. "/" stays, because it is in use, and read-only or in memory. */
static void unmount_all(void)
{
    struct mount_points points;
    if (mountinfo_read(&points) == 0)
        for (size_t i = points.count; i-- > 0;)
            if (strcmp(points.list[i].path, "/") != 0 && !in_memory_only(points.list[i].type))
                umount2(points.list[i].path, UMOUNT_NOFOLLOW);
    mountinfo_free(&points);
}

void shutdown_all(void)
{
    kill_processes();
    sync();
    unmount_all();
}

void shutdown_say_bye(struct relay *r)
{
    relay_send(r, WIRE_BYE, 0, NULL, 0);
    relay_flush_within(r, BYE_MS);
}

/* PID 1 of a machine must not return, whatever reboot() does: the kernel would panic. */
_Noreturn void shutdown_end(bool machine)
{
    if (!machine)
        exit(0);
    reboot(RB_POWER_OFF);
    reboot(RB_AUTOBOOT); /* QEMU runs with -no-reboot */
    for (;;)
        pause();
}

_Noreturn void shutdown_die(bool machine)
{
    say("%s: %s", failure_text(), strerror(failure_errno()));
    shutdown_all();
    shutdown_end(machine);
}
