/* Blocking calls in threads of their own. */
#include "base/job.h"

#include "base/thread.h"
#include "base/ownprocess.h"

struct _LsbJob {
    int refs; /* the owner's, and one while the thread runs; main context only */
    gboolean done;
    GThread *thread;
    pid_t owner; /* the process whose thread it is */
    LsbJobFunc func;
    gpointer data, result;
    GDestroyNotify free_data, free_result;
    GError *error;
};

/* Runs on the main context after the thread has finished. */
static gboolean on_job_done(gpointer data)
{
    LsbJob *job = data;
    if (!lsb_process_is(job->owner)) /* a forked child has the source, but not the thread */
        return G_SOURCE_REMOVE;
    g_thread_join(g_steal_pointer(&job->thread));
    job->done = TRUE;
    lsb_job_unref(job);
    return G_SOURCE_REMOVE;
}

static gpointer job_thread(gpointer data)
{
    LsbJob *job = data;
    job->result = job->func(job->data, &job->error);
    g_idle_add_full(G_PRIORITY_HIGH, on_job_done, job, NULL);
    return NULL;
}

LsbJob *lsb_job_new(LsbJobFunc func, gpointer data, GDestroyNotify free_data,
                    GDestroyNotify free_result)
{
    LsbJob *job = g_new0(LsbJob, 1);
    job->refs = 2;
    job->owner = lsb_process_owner();
    job->func = func;
    job->data = data;
    job->free_data = free_data;
    job->free_result = free_result;
    job->thread = lsb_thread_new("lsandbox-job", job_thread, job);
    return job;
}

LsbJob *lsb_job_ref(LsbJob *job)
{
    job->refs++;
    return job;
}

void lsb_job_unref(LsbJob *job)
{
    if (!job || --job->refs > 0)
        return;
    if (job->result && job->free_result)
        job->free_result(job->result);
    if (job->data && job->free_data)
        job->free_data(job->data);
    g_clear_error(&job->error);
    g_free(job);
}

gboolean lsb_job_done(gpointer job)
{
    return ((const LsbJob *)job)->done;
}

gpointer lsb_job_take(LsbJob *job, GError **error)
{
    if (job->error)
        g_propagate_error(error, g_error_copy(job->error));
    return g_steal_pointer(&job->result);
}
