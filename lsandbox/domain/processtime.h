/* When a process was started. */
#ifndef LSANDBOX_DOMAIN_PROCESSTIME_H
#define LSANDBOX_DOMAIN_PROCESSTIME_H

#include <glib.h>

/*
 * When the process PID was started, in microseconds of g_get_monotonic_time(); the kernel counts
 * hundredths of a second. -1: there is no such process.
 */
gint64 lsb_process_begun(int pid);

#endif
