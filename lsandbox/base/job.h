/*
 * A blocking call in a worker thread: libvirt's mostly. Begun on the main context, carried out
 * elsewhere, done again on the main context. Reference counted: whoever waits for a job may give it
 * up, and its result is then freed when it comes.
 */
#ifndef LSANDBOX_BASE_JOB_H
#define LSANDBOX_BASE_JOB_H

#include <glib.h>

typedef struct _LsbJob LsbJob;

/* In the worker: returns the result, or NULL with an error. DATA is the job's. */
typedef gpointer (*LsbJobFunc)(gpointer data, GError **error);

/* Begin. DATA is freed with FREE_DATA (NULL: not), a result that nobody took with FREE_RESULT. */
LsbJob *lsb_job_new(LsbJobFunc func, gpointer data, GDestroyNotify free_data,
                    GDestroyNotify free_result);
LsbJob *lsb_job_ref(LsbJob *job);
void lsb_job_unref(LsbJob *job); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbJob, lsb_job_unref)

/* A condition for lsb_wait_until(). */
gboolean lsb_job_done(gpointer job);

/* The result, which becomes the caller's, once; NULL with the job's error. Only when it is done. */
gpointer lsb_job_take(LsbJob *job, GError **error);

#endif
