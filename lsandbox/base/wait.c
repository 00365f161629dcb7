/* Waiting for a condition on the default main context. */
#include "base/wait.h"

static gboolean on_wait_over(gpointer expired)
{
    *(gboolean *)expired = TRUE;
    return G_SOURCE_REMOVE;
}

gboolean lsb_wait_until(LsbCondition condition, gpointer data, double timeout)
{
    gboolean expired = FALSE;
    guint timer = 0;
    if (timeout >= 0)
        timer = g_timeout_add((guint)MIN(timeout * 1000, G_MAXUINT / 2.0), on_wait_over, &expired);
    gboolean met;
    while (!(met = condition(data)) && !expired)
        g_main_context_iteration(NULL, TRUE);
    if (timer && !expired)
        g_source_remove(timer);
    return met;
}
