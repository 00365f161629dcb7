/* Opening a connection to libvirt that a script keeps open. */
#include "sandbox/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/job.h"
#include "host/connection.h"
#include "sandbox/sandbox_private.h"

static void release_kept(gpointer connection)
{
    lsb_connection_release(connection);
}

static gpointer open_connection(gpointer uri, GError **error)
{
    return lsb_connection_get(uri, error);
}

LsbJob *lsb_connect(const char *uri)
{
    lsb_connection_init();
    return lsb_job_new(open_connection, g_strdup(uri), g_free, release_kept);
}
