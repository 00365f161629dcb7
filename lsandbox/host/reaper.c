/* Reaps the QEMU processes that libvirt starts, in a thread for each. */
#include "host/reaper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/childstatus.h"
#include "host/forkguard.h"
#include "base/thread.h"

/* How often to look for dead children while libvirt starts a QEMU: libvirt polls every 200 ms. */
enum { LOOK_EVERY_US = 20000 };

struct _LsbReaper {
    GThread *thread;
    GMutex lock;
    GCond changed;
    gboolean started; /* libvirt has started QEMU, or failed to */
    int pid;          /* of that QEMU; 0: none */
};

static GMutex subreaper_lock;
static int subreaper_users, subreaper_before;

static void subreaper_begin(void)
{
    g_mutex_lock(&subreaper_lock);
    if (subreaper_users++ == 0) {
        prctl(PR_GET_CHILD_SUBREAPER, &subreaper_before, 0L, 0L, 0L);
        prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
    }
    g_mutex_unlock(&subreaper_lock);
}

static void subreaper_end(void)
{
    g_mutex_lock(&subreaper_lock);
    if (--subreaper_users == 0)
        prctl(PR_SET_CHILD_SUBREAPER, (long)subreaper_before, 0L, 0L, 0L);
    g_mutex_unlock(&subreaper_lock);
}

/*
 * Whether PID is a zombie with QEMU's name (which the launcher's file has, too), and an orphan,
 * which has a session of its own. A QEMU that libvirt probes with -daemonize leaves a first process
 * in this process's session, for which libvirt itself waits.
 */
static gboolean is_dead_orphan_qemu(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *stat = NULL;
    if (!g_file_get_contents(path, &stat, NULL, NULL))
        return FALSE;
    const char *name = strchr(stat, '('), *end = strrchr(stat, ')');
    int session;
    return name && end && g_str_has_prefix(name, "(qemu-system") &&
           sscanf(end, ") Z %*d %*d %d", &session) == 1 && session != (int)getsid(0);
}

/* --- QEMU's end of its monitor --- */

/*
 * A process that ends closes its files a moment before it is a zombie that can be reaped. In five
 * of six runs libvirt hears the monitor's connection close, looks whether the process is gone,
 * finds it there, and looks again after 200 ms (virProcessKillPainfullyDelay() in libvirt's
 * src/util/virprocess.c). So the reaper holds a second descriptor of QEMU's end of that connection,
 * and closes it when QEMU is reaped.
 */
static gboolean is_monitor_connection(int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNSPEC};
    socklen_t size = sizeof address - 1; /* a path may come without its NUL */
    int listening = 1;
    socklen_t listening_size = sizeof listening;
    return getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
           address.sun_family == AF_UNIX && g_str_has_suffix(address.sun_path, "/monitor.sock") &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size) == 0 &&
           !listening;
}

static gboolean is_socket(int dir, const char *name)
{
    char target[16] = "";
    return readlinkat(dir, name, target, sizeof target - 1) > 0 &&
           g_str_has_prefix(target, "socket:");
}

/*
 * A descriptor of QEMU's end of its monitor connection. -1 where there is none, or the kernel
 * refuses it (pidfd_getfd(2) needs Linux 5.6 and leave to trace): then libvirt may wait for 200 ms.
 */
static int monitor_connection(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
    cleanup_fd int process = (int)syscall(SYS_pidfd_open, pid, 0);
    GDir *dir = process >= 0 ? g_dir_open(path, 0, NULL) : NULL;
    cleanup_fd int dir_fd = dir ? open(path, O_PATH | O_CLOEXEC) : -1;
    int found = -1;
    const char *name;
    while (found < 0 && dir && (name = g_dir_read_name(dir))) {
        if (!is_socket(dir_fd, name))
            continue;
        found = (int)syscall(SYS_pidfd_getfd, process, atoi(name), 0);
        if (found >= 0 && !is_monitor_connection(found)) {
            close(found);
            found = -1;
        }
    }
    if (dir)
        g_dir_close(dir);
    return found;
}

static gpointer reap(gpointer data)
{
    LsbReaper *r = data;
    g_mutex_lock(&r->lock);
    while (!r->started) {
        g_cond_wait_until(&r->changed, &r->lock, g_get_monotonic_time() + LOOK_EVERY_US);
        lsb_childstatus_reap(is_dead_orphan_qemu);
    }
    int pid = r->pid;
    g_mutex_unlock(&r->lock);
    cleanup_fd int monitor = pid > 0 ? monitor_connection(pid) : -1;
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ; /* ECHILD: it is a child of PID 1, which reaps it */
    return NULL;
}

LsbReaper *lsb_reaper_begin(void)
{
    LsbReaper *r = g_new0(LsbReaper, 1);
    g_mutex_init(&r->lock);
    g_cond_init(&r->changed);
    subreaper_begin();
    lsb_childstatus_begin();
    lsb_forkguard_begin();
    r->thread = lsb_thread_new("lsandbox-reap", reap, r);
    return r;
}

void lsb_reaper_watch(LsbReaper *r, int pid)
{
    lsb_forkguard_end();
    lsb_childstatus_end();
    subreaper_end();
    g_mutex_lock(&r->lock);
    r->pid = pid;
    r->started = TRUE;
    g_cond_signal(&r->changed);
    g_mutex_unlock(&r->lock);
}

void lsb_reaper_end(LsbReaper *r)
{
    if (!r)
        return;
    g_thread_join(r->thread);
    g_mutex_clear(&r->lock);
    g_cond_clear(&r->changed);
    g_free(r);
}
