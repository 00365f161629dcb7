/* Opening a connection to libvirt that a script keeps open. */
#ifndef LSANDBOX_SANDBOX_CONNECT_H
#define LSANDBOX_SANDBOX_CONNECT_H

#include "base/job.h"

/*
 * Open URI. The job's result is an LsbConnection, which the caller releases. The caller unrefs the
 * job.
 */
LsbJob *lsb_connect(const char *uri);

#endif
