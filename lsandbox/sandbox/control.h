/*
 * What can be done to a sandbox that runs: pause and resume it, read what it uses, change its
 * limits. Each is a job (base/job.h) for a worker thread, because libvirt may block. The caller
 * unrefs the job.
 */
#ifndef LSANDBOX_SANDBOX_CONTROL_H
#define LSANDBOX_SANDBOX_CONTROL_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/job.h"
#include "recipe/limitfields.h"
#include "sandbox/sandbox.h"

/*
 * Pause the sandbox, or resume it where PAUSE is FALSE. NULL with LSB_ERROR_STATE where the sandbox
 * does not run, is being saved, or is in that state already.
 */
LsbJob *lsb_sandbox_pause(LsbSandbox *sb, gboolean pause, GError **error);
/* Once JOB of lsb_sandbox_pause() is done: change the state of SB. FALSE with the job's error. */
gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error);

/*
 * Read what the sandbox uses. The job's result is an LsbStats, which the caller frees with
 * g_free(). NULL with LSB_ERROR_STATE where the sandbox does not run.
 */
LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error);

/*
 * Change limits of the sandbox while it runs; what CHANGES owns is taken over. The job's error is
 * LSB_ERROR_UNSUPPORTED where the sandbox's kind or this host cannot change one of them.
 */
LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error);
/* Once JOB of lsb_sandbox_tune() is done: whether all changes were made. FALSE with its error. */
gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error);

/*
 * A new reference to the sandbox's domain for a worker, which frees it by virDomainFree(). A worker
 * needs its own, because the sandbox may end meanwhile and free the one that it has. NULL with
 * LSB_ERROR_STATE where the sandbox does not run.
 */
virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error);

#endif
