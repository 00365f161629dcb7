/* Counts of the limits that a sandbox ran into, by its control groups or by its guest init. */
#ifndef LSANDBOX_BASE_LIMITEVENTS_H
#define LSANDBOX_BASE_LIMITEVENTS_H

#include <glib.h>

typedef struct {
    guint64 oom_kills;     /* processes that the kernel killed because memory ran out */
    guint64 refused_forks; /* forks that failed because of the limit of processes */
} LsbLimitEvents;

#endif
