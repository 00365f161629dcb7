/* Ends libvirt_lxc, the controller process of a container, so that libvirtd does not wait. */
#include "host/lxcprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/keeper.h"

/* The guest init kills all programs and ends in some milliseconds. If not, libvirt waits for it. */
enum { INIT_ENDS_WITHIN_MS = 300 };

static gboolean is_controller(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    g_autofree char *name = NULL;
    return g_file_get_contents(path, &name, NULL, NULL) && strcmp(name, "libvirt_lxc\n") == 0;
}

int lsb_lxc_process_open(int pid)
{
    cleanup_fd int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0 || !is_controller(pid) || syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) < 0)
        return -1;
    return steal_fd(&fd);
}

void lsb_lxc_process_stop(int pidfd)
{
    if (pidfd >= 0)
        syscall(SYS_pidfd_send_signal, pidfd, SIGSTOP, NULL, 0);
}

static void await_child(int pid)
{
    cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (fd >= 0 && poll(&p, 1, INIT_ENDS_WITHIN_MS) < 0 && errno == EINTR)
        ;
}

/*
 * The directory of the control group that LINE of /proc/PID/cgroup names, or (not WHOLE) of the top
 * of its hierarchy; NULL where the group is the top. Caller frees. LINE is
 * "number:controllers:path" (cgroups(7)). Version 1 hierarchies are mounted at their controllers'
 * names, and "name=systemd" at its own.
 */
static char *group_dir(const char *line, gboolean whole)
{
    g_auto(GStrv) fields = g_strsplit(line, ":", 3);
    if (g_strv_length(fields) != 3 || strcmp(fields[2], "/") == 0)
        return NULL;
    const char *name = g_str_has_prefix(fields[1], "name=") ? fields[1] + 5 : fields[1];
    g_autofree char *first = g_strndup(name, strcspn(name, ","));
    return g_build_filename("/sys/fs/cgroup", first, whole ? fields[2] : NULL, NULL);
}

static char **group_lines(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *text = NULL;
    return g_strsplit(g_file_get_contents(path, &text, NULL, NULL) ? text : "", "\n", -1);
}

/* Move the controller to the top of the hierarchy of LINE, for the moment that it still lives. */
static void leave_control_group(const char *line, int pid)
{
    g_autofree char *top = group_dir(line, FALSE);
    if (!top)
        return;
    g_autofree char *procs = g_build_filename(top, "cgroup.procs", NULL);
    g_autofree char *text = g_strdup_printf("%d", pid);
    cleanup_fd int fd = open(procs, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        g_debug("%s: %s", procs, g_strerror(errno));
}

/*
 * Take the controller out of its control groups. A dying process stays in its group for some
 * milliseconds after libvirtd has seen its socket close, and libvirtd would wait for that. Where
 * this process may not move the controller, the end of the container takes 0.2 s longer.
 */
static void leave_control_groups(int pid)
{
    g_auto(GStrv) lines = group_lines(pid);
    for (char **line = lines; *line; line++)
        leave_control_group(*line, pid);
}

char **lsb_lxc_process_watch_groups(int pid, LsbKeeper *keeper)
{
    g_autoptr(GStrvBuilder) watched = g_strv_builder_new();
    g_auto(GStrv) lines = group_lines(pid);
    for (char **line = lines; *line; line++) {
        g_autofree char *dir = group_dir(*line, TRUE);
        if (!dir)
            continue;
        lsb_keeper_watch_group(keeper, dir);
        g_strv_builder_add(watched, dir);
    }
    return g_strv_builder_end(watched);
}

void lsb_lxc_process_end(int pidfd, int pid)
{
    if (pidfd < 0)
        return;
    leave_control_groups(pid);
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid);
    g_autofree char *children = NULL;
    if (g_file_get_contents(path, &children, NULL, NULL)) {
        g_auto(GStrv) pids = g_strsplit(children, " ", -1);
        for (char **p = pids; *p; p++)
            if (**p)
                await_child(atoi(*p));
    }
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    struct pollfd gone = {.fd = pidfd, .events = POLLIN};
    poll(&gone, 1, INIT_ENDS_WITHIN_MS);
}
