/* What was counted of limits that were met: in a sandbox's control groups, or in its guest. */
#ifndef LSANDBOX_BASE_LIMITEVENTS_H
#define LSANDBOX_BASE_LIMITEVENTS_H

#include <glib.h>

typedef struct {
    guint64 oom_kills;     /* processes that were killed because memory ran out */
    guint64 refused_forks; /* processes that were not made because of their number */
} LsbLimitEvents;

#endif
