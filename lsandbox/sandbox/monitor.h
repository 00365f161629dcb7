/* Commands that the user gives QEMU's monitor directly: sb:qemu_monitor(). */
#ifndef LSANDBOX_SANDBOX_MONITOR_H
#define LSANDBOX_SANDBOX_MONITOR_H

#include <glib.h>

#include "base/job.h"
#include "sandbox/sandbox.h"

/*
 * Give COMMAND to QEMU's monitor: a line of its human language where HMP, else QMP's JSON. The
 * sandbox is tainted from then on. The job's result is the reply, a string for g_free(); its errors
 * are LSB_ERROR_LIBVIRT, and LSB_ERROR_OUTPUT_LIMIT for a reply of more than 16 MiB. The caller
 * unrefs the job. NULL with LSB_ERROR_UNSUPPORTED for a container, LSB_ERROR_STATE where it does
 * not run.
 */
LsbJob *lsb_sandbox_monitor(LsbSandbox *sb, const char *command, gboolean hmp, GError **error);

#endif
