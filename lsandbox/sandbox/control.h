/*
 * What libvirt does beside starting and ending: freezing a sandbox, asking what it uses, listing
 * and finding sandboxes, keeping a connection open. Each is a job for a worker thread; the caller
 * unrefs it.
 */
#ifndef LSANDBOX_SANDBOX_CONTROL_H
#define LSANDBOX_SANDBOX_CONTROL_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/job.h"
#include "recipe/limitfields.h"
#include "sandbox/sandbox.h"

/*
 * Freeze it, or let it go on. NULL with LSB_ERROR_STATE when it does not run, or is there already.
 */
LsbJob *lsb_sandbox_pause(LsbSandbox *sb, gboolean pause, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error);

/* What it uses. The job's result is an LsbStats, to be freed with g_free(). */
LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error);

/*
 * Give it other limits while it runs; what CHANGES owns is taken over. LSB_ERROR_UNSUPPORTED for
 * what its kind or this host cannot do.
 */
LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error);

/* A reference to its domain, for a worker, which frees it: the sandbox may end and free its own
 * meanwhile. NULL with LSB_ERROR_STATE when it does not run. */
virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error);

#endif
