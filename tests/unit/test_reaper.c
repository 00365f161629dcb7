/* The reaper of QEMU processes: which children it reaps, and which it leaves to libvirt. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/reaper.h"

/* Make a child that has ended already: a zombie with QEMU's name. */
static int dead_child(gboolean own_session)
{
    int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NAME, "qemu-system-x86");
        if (own_session)
            setsid();
        _exit(3);
    }
    g_assert_cmpint(pid, >, 0);
    siginfo_t info;
    g_assert_cmpint(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
    return pid;
}

static gboolean is_child(int pid)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0;
}

/*
 * The reaper took a child that libvirt itself was waiting for. Probing QEMU, libvirt runs it with
 * -daemonize and waits for the first process; the reaper looked only at the names of dead children,
 * now and then was faster, and libvirt failed with "unable to wait for process ...: No child
 * processes". It must take orphans only, which have a session of their own.
 */
static void test_children_of_libvirt(void)
{
    int libvirts = dead_child(FALSE), orphan = dead_child(TRUE), status;
    LsbReaper *reaper = lsb_reaper_begin();
    gint64 end = g_get_monotonic_time() + 30 * G_TIME_SPAN_SECOND;
    while (is_child(orphan) && g_get_monotonic_time() < end)
        g_usleep(1000);
    g_assert_false(is_child(orphan));
    lsb_reaper_watch(reaper, 0);
    lsb_reaper_end(reaper);
    g_assert_cmpint(waitpid(libvirts, &status, WNOHANG), ==, libvirts);
    g_assert_cmpint(WEXITSTATUS(status), ==, 3);
}

static int unix_socket(const char *path, int (*use)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(use(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/* Holds its end of the connection, and nothing else of it, until it is killed. */
static int child_with_monitor(int listener)
{
    int pid = fork();
    if (pid == 0) {
        setsid();
        int connection = accept(listener, NULL, NULL);
        close(listener);
        if (write(connection, "a", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    g_assert_cmpint(pid, >, 0);
    return pid;
}

/* Whether a descriptor of this process is QEMU's end: a connection with the name of the listener. */
static gboolean holds_end(const char *path)
{
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_un address = {0};
        socklen_t size = sizeof address - 1;
        if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
            address.sun_family == AF_UNIX && strcmp(address.sun_path, path) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Linux 5.6; valgrind 3.19 does not know it. */
static gboolean may_take_descriptors(void)
{
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int copy = (int)syscall(SYS_pidfd_getfd, self, self, 0);
    close(copy);
    close(self);
    return copy >= 0;
}

/* Whoever hears that QEMU has hung up its monitor must find it gone. */
static void test_monitor_outlives_process(void)
{
    if (!may_take_descriptors()) {
        if (g_getenv("CI") && !g_getenv("LSANDBOX_WRAP"))
            g_error("pidfd_getfd() fails");
        g_test_skip("a descriptor of another process cannot be had: pidfd_getfd() fails");
        return;
    }
    g_autofree char *dir = g_dir_make_tmp("lsb-reaper-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "monitor.sock", NULL);
    int listener = unix_socket(path, bind);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    int pid = child_with_monitor(listener);
    close(listener);
    int libvirts = unix_socket(path, connect);
    char byte;
    g_assert_cmpint(read(libvirts, &byte, 1), ==, 1); /* it is accepted */
    LsbReaper *reaper = lsb_reaper_begin();
    lsb_reaper_watch(reaper, pid);
    gint64 end = g_get_monotonic_time() + 30 * G_TIME_SPAN_SECOND;
    while (!holds_end(path) && g_get_monotonic_time() < end)
        g_usleep(1000);
    g_assert_true(holds_end(path));
    kill(pid, SIGKILL);
    g_assert_cmpint(read(libvirts, &byte, 1), ==, 0);
    g_assert_false(is_child(pid));
    lsb_reaper_end(reaper);
    g_assert_false(holds_end(path));
    close(libvirts);
    g_unlink(path);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reaper/children-of-libvirt", test_children_of_libvirt);
    g_test_add_func("/reaper/monitor-outlives-process", test_monitor_outlives_process);
    return g_test_run();
}
