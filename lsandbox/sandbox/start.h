/* Starting a sandbox: a thread starts the domain, then the session is connected to the guest. */
#ifndef LSANDBOX_SANDBOX_START_H
#define LSANDBOX_SANDBOX_START_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Begin to start SB, without waiting. FALSE with LSB_ERROR_STATE where SB was started before. Once
 * lsb_sandbox_start_over() (an LsbCondition) is TRUE, lsb_sandbox_start_result() returns TRUE or
 * the error of the start.
 */
gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error);
gboolean lsb_sandbox_start_over(gpointer sb);
gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error);

/* How many milliseconds the guest init of SB has to carry out a plan. */
guint lsb_sandbox_boot_timeout(const LsbSandbox *sb);

/* Whether SB is starting from a template, and may still be started cold instead. */
gboolean lsb_sandbox_may_start_again(const LsbSandbox *sb);

/*
 * Undo a start from a template so that the machine can start cold. REASON becomes
 * sb:info().start_reason.
 */
void lsb_sandbox_start_again(LsbSandbox *sb, const char *reason);

#endif
