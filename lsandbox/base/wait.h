/*
 * Waiting for a condition. The core changes its state only on GLib's default main context, in the
 * thread that uses the module, so a wait iterates that context until its condition holds.
 */
#ifndef LSANDBOX_BASE_WAIT_H
#define LSANDBOX_BASE_WAIT_H

#include <glib.h>

typedef gboolean (*LsbCondition)(gpointer data);

/*
 * Iterate the default main context until CONDITION(DATA) holds (TRUE) or TIMEOUT seconds have
 * passed (FALSE; a negative TIMEOUT is no limit). The condition is tested first, and after each
 * iteration.
 */
gboolean lsb_wait_until(LsbCondition condition, gpointer data, double timeout);

#endif
