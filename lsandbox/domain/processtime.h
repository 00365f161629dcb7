/* When a process was started. */
#ifndef LSANDBOX_DOMAIN_PROCESSTIME_H
#define LSANDBOX_DOMAIN_PROCESSTIME_H

#include <glib.h>

/*
 * The start of process PID as microseconds of g_get_monotonic_time(), to a hundredth of a second.
 * -1: no such process.
 */
gint64 lsb_process_begun(int pid);

#endif
