/* Making a template of a machine that starts, before it gets its plan. */
#ifndef LSANDBOX_SANDBOX_TEMPLATING_H
#define LSANDBOX_SANDBOX_TEMPLATING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Wait until the templates that starts of this process have made are in the store, 15 s at most.
 * FALSE with the last error since the last call, where one could not be made.
 */
gboolean lsb_templates_await(GError **error);

/*
 * The guest has said HELLO and waits for its plan: a thread makes the template that this start was
 * chosen to make, and then the plan is sent.
 */
void lsb_sandbox_make_template(LsbSandbox *sb);

#endif
