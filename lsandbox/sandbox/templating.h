/* A machine on its way up that is made into a template, and the plan after it. */
#ifndef LSANDBOX_SANDBOX_TEMPLATING_H
#define LSANDBOX_SANDBOX_TEMPLATING_H

#include <glib.h>

#include "sandbox/sandbox.h"

/*
 * Wait until the templates that starts have left behind are in the store: 15 s at most. FALSE: one
 * could not be made, for the last reason since the last call.
 */
gboolean lsb_templates_await(GError **error);

/*
 * The guest has said HELLO and waits: make the template that the start was chosen for, in a thread,
 * and send the plan then.
 */
void lsb_sandbox_make_template(LsbSandbox *sb);

#endif
