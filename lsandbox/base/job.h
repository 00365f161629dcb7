/*
 * A blocking call, as a rule one into libvirt, that runs in a thread of its own. A job is begun and
 * completed on the main context. It is reference counted: a caller may drop it before it is done,
 * and its result is then freed when the call returns.
 */
#ifndef LSANDBOX_BASE_JOB_H
#define LSANDBOX_BASE_JOB_H

#include <glib.h>

typedef struct _LsbJob LsbJob;

/* The call, made in the thread. It returns the result, or NULL with an error. */
typedef gpointer (*LsbJobFunc)(gpointer data, GError **error);

/*
 * Start a thread that calls FUNC(DATA). The job frees DATA with FREE_DATA, and with FREE_RESULT a
 * result that lsb_job_take() was not called for; either may be NULL. The caller owns a reference.
 */
LsbJob *lsb_job_new(LsbJobFunc func, gpointer data, GDestroyNotify free_data,
                    GDestroyNotify free_result);
LsbJob *lsb_job_ref(LsbJob *job);
void lsb_job_unref(LsbJob *job); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbJob, lsb_job_unref)

/* Whether JOB, an LsbJob, is done: a condition for lsb_wait_until(). */
gboolean lsb_job_done(gpointer job);

/*
 * The result of a job that is done. The caller owns it; a second call returns NULL. NULL with a
 * copy of the error of a job that failed.
 */
gpointer lsb_job_take(LsbJob *job, GError **error);

#endif
