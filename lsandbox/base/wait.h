/*
 * Waiting. All of the core's state changes happen on GLib's default main context, in the thread
 * that uses the module; a wait turns that context until its condition holds.
 */
#ifndef LSANDBOX_BASE_WAIT_H
#define LSANDBOX_BASE_WAIT_H

#include <glib.h>

typedef gboolean (*LsbCondition)(gpointer data);

/*
 * Turn the default main context until CONDITION(DATA) holds: TRUE; or until TIMEOUT seconds have
 * passed (negative: no limit): FALSE. The condition is looked at first, and after every turn.
 */
gboolean lsb_wait_until(LsbCondition condition, gpointer data, double timeout);

#endif
