#include "wait.h"

static gboolean set_flag(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

gboolean lsb_wait_until(LsbCondition condition, gpointer data, double timeout)
{
    gboolean expired = FALSE;
    guint timer = 0;
    if (timeout >= 0)
        timer = g_timeout_add((guint)MIN(timeout * 1000, G_MAXUINT / 2.0), set_flag, &expired);
    gboolean met;
    while (!(met = condition(data)) && !expired)
        g_main_context_iteration(NULL, TRUE);
    if (timer && !expired)
        g_source_remove(timer);
    return met;
}

typedef struct {
    void (*func)(gpointer);
    gpointer data;
    gint done;
} Job;

static gpointer run_job(gpointer data)
{
    Job *job = data;
    job->func(job->data);
    g_atomic_int_set(&job->done, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

static gboolean job_done(gpointer data)
{
    return g_atomic_int_get(&((Job *)data)->done) != 0;
}

void lsb_run_blocking(void (*func)(gpointer), gpointer data)
{
    Job job = {func, data, 0};
    GThread *thread = g_thread_new("lsandbox", run_job, &job);
    lsb_wait_until(job_done, &job, -1);
    g_thread_join(thread);
}
