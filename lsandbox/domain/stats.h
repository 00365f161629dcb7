/* What a domain uses, as libvirt and its control groups tell it. */
#ifndef LSANDBOX_DOMAIN_STATS_H
#define LSANDBOX_DOMAIN_STATS_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "host/cgroup.h"
#include "recipe/description.h"

/* Counted since the start, for all disks or all interfaces together. */
typedef struct {
    guint n; /* disks */
    guint64 read_bytes, read_requests, write_bytes, write_requests;
} LsbBlockStats;

typedef struct {
    guint n; /* interfaces */
    guint64 rx_bytes, rx_packets, tx_bytes, tx_packets;
} LsbNetStats;

typedef struct {
    double cpu_time;      /* seconds of processor time, all of the sandbox's processors together */
    guint vcpus;          /* processors it has */
    guint64 memory_limit; /* bytes it may use */
    guint64 memory;       /* bytes of the host's memory that it uses now; 0: not known */
    guint64 memory_peak;  /* the most that it has used; 0: not known */
    guint64 pids;         /* processes and threads now, the guest init too; 0: not known */
    LsbBlockStats block;
    LsbNetStats net;
} LsbStats;

/* What DOMAIN uses now; caller frees with g_free(). NULL with LSB_ERROR_LIBVIRT. */
LsbStats *lsb_domain_stats(const LsbDescription *d, virDomainPtr domain, const LsbGroups *groups,
                           GError **error);

#endif
