/* Starting a sandbox: the domain in a worker thread, then the relay. */
#ifndef LSANDBOX_SANDBOX_START_H
#define LSANDBOX_SANDBOX_START_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Begin to start, without waiting; when lsb_sandbox_start_over() is TRUE,
 * lsb_sandbox_start_result() says how it went. LSB_ERROR_STATE where it was started before.
 */
gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error);
gboolean lsb_sandbox_start_over(gpointer sb);
gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error);

/* Milliseconds that its guest init has for a plan. */
guint lsb_sandbox_boot_timeout(const LsbSandbox *sb);

/* Whether its start from a template is still under way. */
gboolean lsb_sandbox_may_start_again(const LsbSandbox *sb);

/* What came up from a template does not do as it should, for REASON: start it again, cold. */
void lsb_sandbox_start_again(LsbSandbox *sb, const char *reason);

#endif
