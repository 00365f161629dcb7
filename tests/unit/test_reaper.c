/*
 * The reaper took a child that libvirt itself was waiting for. Probing QEMU, libvirt runs it with
 * -daemonize and waits for the first process; the reaper looked only at the names of dead children,
 * now and then was faster, and libvirt failed with "unable to wait for process ...: No child
 * processes". It must take orphans only, which have a session of their own.
 */
#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reaper.h"

/* Ends at once, as a zombie called like QEMU. */
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reaper/children-of-libvirt", test_children_of_libvirt);
    return g_test_run();
}
