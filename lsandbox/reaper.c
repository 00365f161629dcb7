#include "reaper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the children are looked at while libvirt starts a QEMU: much less than its own 200 ms
 * polls. */
enum { LOOK_EVERY_US = 20000 };

struct _LsbReaper {
    GThread *thread;
    GMutex lock;
    GCond changed;
    gboolean started; /* libvirt is done */
    int pid;
};

static GMutex subreaper_lock;
static int subreaper_users, subreaper_before;

static void subreaper_begin(void)
{
    g_mutex_lock(&subreaper_lock);
    if (subreaper_users++ == 0) {
        prctl(PR_GET_CHILD_SUBREAPER, &subreaper_before);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    }
    g_mutex_unlock(&subreaper_lock);
}

static void subreaper_end(void)
{
    g_mutex_lock(&subreaper_lock);
    if (--subreaper_users == 0)
        prctl(PR_SET_CHILD_SUBREAPER, subreaper_before);
    g_mutex_unlock(&subreaper_lock);
}

/*
 * A zombie whose name says QEMU (the launcher's file is called so too), and that is an orphan: it
 * has a session of its own. The QEMU that libvirt probes with -daemonize leaves a first process, a
 * child of ours in our own session, for which libvirt itself waits.
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

static void reap_in(const char *children)
{
    g_auto(GStrv) pids = g_strsplit(children, " ", -1);
    for (char **p = pids; *p; p++)
        if (**p && is_dead_orphan_qemu(atoi(*p)))
            waitpid(atoi(*p), NULL, WNOHANG);
}

/* The children of each thread, proc(5); an adopted one belongs to any of them. */
static void reap_dead_qemus(void)
{
    GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task;
    while (tasks && (task = g_dir_read_name(tasks))) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/children", task);
        g_autofree char *children = NULL;
        if (g_file_get_contents(path, &children, NULL, NULL))
            reap_in(children);
    }
    if (tasks)
        g_dir_close(tasks);
}

static gpointer reap(gpointer data)
{
    LsbReaper *r = data;
    g_mutex_lock(&r->lock);
    while (!r->started) {
        g_cond_wait_until(&r->changed, &r->lock, g_get_monotonic_time() + LOOK_EVERY_US);
        reap_dead_qemus();
    }
    int pid = r->pid;
    g_mutex_unlock(&r->lock);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ; /* ECHILD: PID 1's, which reaps it */
    return NULL;
}

LsbReaper *lsb_reaper_begin(void)
{
    LsbReaper *r = g_new0(LsbReaper, 1);
    g_mutex_init(&r->lock);
    g_cond_init(&r->changed);
    subreaper_begin();
    r->thread = g_thread_new("lsandbox-reap", reap, r);
    return r;
}

void lsb_reaper_watch(LsbReaper *r, int pid)
{
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
