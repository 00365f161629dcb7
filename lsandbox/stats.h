/* What a domain uses, as libvirt tells it. */
#ifndef LSANDBOX_STATS_H
#define LSANDBOX_STATS_H

#include <glib.h>

typedef struct {
    double cpu_time;      /* seconds of processor time, all of the sandbox's processors together */
    guint vcpus;          /* processors it has */
    guint64 memory_limit; /* bytes it may use */
    guint64 memory;       /* bytes of the host's memory that it holds now; 0: not known */
} LsbStats;

#endif
