/* QEMU's monitor, past us: sb:qemu_monitor(). */
#ifndef LSANDBOX_SANDBOX_MONITOR_H
#define LSANDBOX_SANDBOX_MONITOR_H

#include <glib.h>

#include "base/job.h"
#include "sandbox/sandbox.h"

/*
 * Give COMMAND to QEMU's monitor: QMP, or HMP. From then on the sandbox is tainted. The job's
 * result is the reply, a string for g_free(). LSB_ERROR_UNSUPPORTED for a container;
 * LSB_ERROR_LIBVIRT; LSB_ERROR_OUTPUT_LIMIT.
 */
LsbJob *lsb_sandbox_monitor(LsbSandbox *sb, const char *command, gboolean hmp, GError **error);

#endif
