/* Statuses of children where the host program, or the parent that started it, ignores SIGCHLD. */
#include "host/childstatus.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static GMutex lock;
static int users;
static struct sigaction before, keeping; /* dispositions of SIGCHLD */

static gboolean is_ignored(const struct sigaction *action)
{
    return action->sa_handler == SIG_IGN || (action->sa_flags & SA_NOCLDWAIT);
}

static void keep_statuses(void)
{
    sigaction(SIGCHLD, NULL, &before);
    if (!is_ignored(&before))
        return;
    keeping = before;
    keeping.sa_flags &= ~SA_NOCLDWAIT;
    if (keeping.sa_handler == SIG_IGN)
        keeping.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &keeping, NULL);
}

/* Leave what the host program has set meanwhile. */
static void restore_disposition(void)
{
    struct sigaction now;
    if (!is_ignored(&before))
        return;
    sigaction(SIGCHLD, NULL, &now);
    if (now.sa_handler == keeping.sa_handler && !is_ignored(&now))
        sigaction(SIGCHLD, &before, NULL);
    lsb_childstatus_reap(NULL);
}

void lsb_childstatus_begin(void)
{
    g_mutex_lock(&lock);
    if (users++ == 0)
        keep_statuses();
    g_mutex_unlock(&lock);
}

void lsb_childstatus_end(void)
{
    g_mutex_lock(&lock);
    if (--users == 0)
        restore_disposition();
    g_mutex_unlock(&lock);
}

static void reap_listed(const char *children, gboolean (*which)(int pid))
{
    g_auto(GStrv) pids = g_strsplit(children, " ", -1);
    for (char **p = pids; *p; p++)
        if (**p && (!which || which(atoi(*p))))
            waitpid(atoi(*p), NULL, WNOHANG);
}

/* Look at the children of all threads (proc(5)), because an adopted child may belong to any. */
void lsb_childstatus_reap(gboolean (*which)(int pid))
{
    GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task;
    while (tasks && (task = g_dir_read_name(tasks))) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/children", task);
        g_autofree char *children = NULL;
        if (g_file_get_contents(path, &children, NULL, NULL))
            reap_listed(children, which);
    }
    if (tasks)
        g_dir_close(tasks);
}
