/*
 * What workers ask libvirt about a sandbox that runs: pausing it, what it uses, other limits. Each
 * is a job for a worker thread, which the caller unrefs.
 */
#ifndef LSANDBOX_SANDBOX_CONTROL_H
#define LSANDBOX_SANDBOX_CONTROL_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/job.h"
#include "recipe/limitfields.h"
#include "sandbox/sandbox.h"

/*
 * Pause the sandbox, or let it go on. NULL with LSB_ERROR_STATE where it does not run, is being
 * saved, or is in that state already.
 */
LsbJob *lsb_sandbox_pause(LsbSandbox *sb, gboolean pause, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error);

/* What it uses. The job's result is an LsbStats, which the caller frees with g_free(). */
LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error);

/*
 * Give the sandbox other limits while it runs; what CHANGES owns is taken over. The job's error is
 * LSB_ERROR_UNSUPPORTED where its kind or this host cannot do that.
 */
LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error);

/*
 * A reference to its domain for a worker, which frees it, because the sandbox may end and free its
 * own meanwhile. NULL with LSB_ERROR_STATE where it does not run.
 */
virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error);

#endif
