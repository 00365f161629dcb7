#include "controller.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

/* Our init kills everything and ends in a few milliseconds; one that does not is left to libvirt.
 */
enum { INIT_ENDS_WITHIN_MS = 300 };

static gboolean is_controller(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    g_autofree char *name = NULL;
    return g_file_get_contents(path, &name, NULL, NULL) && strcmp(name, "libvirt_lxc\n") == 0;
}

int lsb_controller_open(int pid)
{
    cleanup_fd int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0 || !is_controller(pid) || syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) < 0)
        return -1;
    return steal_fd(&fd);
}

void lsb_controller_hold(int pidfd)
{
    if (pidfd >= 0)
        syscall(SYS_pidfd_send_signal, pidfd, SIGSTOP, NULL, 0);
}

static void await_process(int pid)
{
    cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (fd >= 0 && poll(&p, 1, INIT_ENDS_WITHIN_MS) < 0 && errno == EINTR)
        ;
}

/*
 * A process leaves its control group after it has closed its files, and libvirtd looks as soon as
 * it sees the monitor's socket closed. What takes long to close (FUSE, terminals, the mount
 * namespace) we hold open until the controller is gone. Returns the descriptors.
 */
static GArray *hold_files(int pidfd, int pid)
{
    GArray *held = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree char *dir = g_strdup_printf("/proc/%d/fd", pid);
    g_autofree char *namespace = g_strdup_printf("/proc/%d/ns/mnt", pid);
    int fd = open(namespace, O_RDONLY | O_CLOEXEC);
    g_array_append_val(held, fd);
    GDir *fds = g_dir_open(dir, 0, NULL);
    const char *name;
    while (fds && (name = g_dir_read_name(fds))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_autofree char *target = g_file_read_link(path, NULL);
        if (!target || g_str_has_prefix(target, "socket:"))
            continue;
        fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(name), 0);
        g_array_append_val(held, fd);
    }
    if (fds)
        g_dir_close(fds);
    return held;
}

static void release_files(GArray *held)
{
    for (guint i = 0; i < held->len; i++)
        if (g_array_index(held, int, i) >= 0)
            close(g_array_index(held, int, i));
    g_array_unref(held);
}

void lsb_controller_end(int pidfd, int pid)
{
    if (pidfd < 0)
        return;
    GArray *held = hold_files(pidfd, pid);
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid);
    g_autofree char *children = NULL;
    if (g_file_get_contents(path, &children, NULL, NULL)) {
        g_auto(GStrv) pids = g_strsplit(children, " ", -1);
        for (char **p = pids; *p; p++)
            if (**p)
                await_process(atoi(*p));
    }
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    struct pollfd gone = {.fd = pidfd, .events = POLLIN};
    poll(&gone, 1, INIT_ENDS_WITHIN_MS);
    release_files(held);
}
