/* What a domain uses, as libvirt and its control groups tell it. */
#ifndef LSANDBOX_STATS_H
#define LSANDBOX_STATS_H

#include <glib.h>

/* Since the start, of all disks or all interfaces together. */
typedef struct {
    guint n; /* of them */
    guint64 read_bytes, read_requests, write_bytes, write_requests;
} LsbBlockStats;

typedef struct {
    guint n; /* of them */
    guint64 rx_bytes, rx_packets, tx_bytes, tx_packets;
} LsbNetStats;

typedef struct {
    double cpu_time;      /* seconds of processor time, all of the sandbox's processors together */
    guint vcpus;          /* processors it has */
    guint64 memory_limit; /* bytes it may use */
    guint64 memory;       /* bytes of the host's memory that it holds now; 0: not known */
    guint64 memory_peak;  /* the most it held; 0: not known */
    guint64 pids;         /* processes and threads now, the guest init too; 0: not known */
    LsbBlockStats block;
    LsbNetStats net;
} LsbStats;

#endif
