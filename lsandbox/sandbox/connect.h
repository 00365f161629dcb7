/* Opening a connection to libvirt that a script keeps open. */
#ifndef LSANDBOX_SANDBOX_CONNECT_H
#define LSANDBOX_SANDBOX_CONNECT_H

#include "base/job.h"

/*
 * Open a connection to libvirt at URI in a worker thread. The job's result is an LsbConnection for
 * lsb_connection_release(); its errors are those of lsb_connection_get(). The caller unrefs the
 * job.
 */
LsbJob *lsb_connect(const char *uri);

#endif
