/* Making a template of a machine that starts, before it gets its plan. */
#ifndef LSANDBOX_SANDBOX_TEMPLATING_H
#define LSANDBOX_SANDBOX_TEMPLATING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Wait, 15 s at most, until the templates that starts of this process make are in the store. FALSE
 * with the last error where one could not be made since the last call.
 */
gboolean lsb_templates_await(GError **error);

/*
 * The guest has said HELLO and waits for its plan: a thread makes the template that this start was
 * chosen to make, and then the plan is sent.
 */
void lsb_sandbox_make_template(LsbSandbox *sb);

#endif
