/* A connection that a script keeps open. */
#ifndef LSANDBOX_SANDBOX_CONNECT_H
#define LSANDBOX_SANDBOX_CONNECT_H

#include "base/job.h"

/* Open URI and keep it open. The job's result is an LsbConnection, the caller's to release. */
LsbJob *lsb_connect(const char *uri);

#endif
