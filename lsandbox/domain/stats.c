/* Reading from libvirt and the control groups what a running domain uses. */
#include "domain/stats.h"

#include "base/error.h"
#include "host/cgroup.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "recipe/network/network.h"
#include "shared/units.h"

/* The resident size: of QEMU for a machine, of the control group for a container. */
static guint64 resident_bytes(virDomainPtr domain)
{
    virDomainMemoryStatStruct list[VIR_DOMAIN_MEMORY_STAT_NR];
    int n = virDomainMemoryStats(domain, list, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    for (int i = 0; i < n; i++)
        if (list[i].tag == VIR_DOMAIN_MEMORY_STAT_RSS)
            return list[i].val * KiB;
    return 0;
}

/*
 * Numbers of a record of virDomainListGetStats(), summed over "PREFIX.0.NAME", "PREFIX.1.NAME" ...
 */
static guint64 sum(const virDomainStatsRecord *r, const char *prefix, guint n, const char *name)
{
    guint64 total = 0;
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = g_strdup_printf("%s.%u.%s", prefix, i, name);
        unsigned long long value = 0;
        if (virTypedParamsGetULLong(r->params, r->nparams, key, &value) == 1)
            total += value;
    }
    return total;
}

static guint count_of(const virDomainStatsRecord *r, const char *name)
{
    enum { MOST = 1024 };
    unsigned n = 0;
    return virTypedParamsGetUInt(r->params, r->nparams, name, &n) == 1 ? MIN(n, MOST) : 0;
}

static void take_devices(LsbStats *stats, const virDomainStatsRecord *r)
{
    guint disks = count_of(r, "block.count"), nets = count_of(r, "net.count");
    stats->block = (LsbBlockStats){.n = disks,
                                   .read_bytes = sum(r, "block", disks, "rd.bytes"),
                                   .read_requests = sum(r, "block", disks, "rd.reqs"),
                                   .write_bytes = sum(r, "block", disks, "wr.bytes"),
                                   .write_requests = sum(r, "block", disks, "wr.reqs")};
    stats->net = (LsbNetStats){.n = nets,
                               .rx_bytes = sum(r, "net", nets, "rx.bytes"),
                               .rx_packets = sum(r, "net", nets, "rx.pkts"),
                               .tx_bytes = sum(r, "net", nets, "tx.bytes"),
                               .tx_packets = sum(r, "net", nets, "tx.pkts")};
}

/* The numbers stay 0 where libvirt's driver has no virDomainListGetStats(), such as LXC's. */
static void read_devices(LsbStats *stats, virDomainPtr domain)
{
    virDomainPtr list[] = {domain, NULL};
    virDomainStatsRecordPtr *records = NULL;
    if (virDomainListGetStats(list, VIR_DOMAIN_STATS_BLOCK | VIR_DOMAIN_STATS_INTERFACE, &records,
                              0) == 1)
        take_devices(stats, records[0]);
    if (records)
        virDomainStatsRecordListFree(records);
}

/* What libvirt's LXC driver tells instead: the numbers of an interface by its name on the host. */
static void read_container_net(LsbStats *stats, virDomainPtr domain, const LsbNetwork *network)
{
    for (guint i = 0; i < network->interfaces->len; i++) {
        const LsbInterface *interface = network->interfaces->pdata[i];
        virDomainInterfaceStatsStruct s;
        if (!interface->device ||
            virDomainInterfaceStats(domain, interface->device, &s, sizeof s) < 0)
            continue;
        stats->net.n++;
        stats->net.rx_bytes += (guint64)MAX(s.rx_bytes, 0);
        stats->net.rx_packets += (guint64)MAX(s.rx_packets, 0);
        stats->net.tx_bytes += (guint64)MAX(s.tx_bytes, 0);
        stats->net.tx_packets += (guint64)MAX(s.tx_packets, 0);
    }
}

LsbStats *lsb_domain_stats(const LsbDescription *d, virDomainPtr domain, const LsbGroups *groups,
                           GError **error)
{
    virDomainInfo info;
    if (virDomainGetInfo(domain, &info) < 0) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT,
                              "libvirt cannot tell what the sandbox uses");
        return NULL;
    }
    LsbStats *stats = g_new0(LsbStats, 1);
    stats->cpu_time = (double)info.cpuTime / 1e9;
    stats->vcpus = info.nrVirtCpu;
    stats->memory_limit = (guint64)info.maxMem * KiB;
    stats->memory = resident_bytes(domain);
    stats->memory_peak = lsb_groups_memory_peak(groups);
    stats->pids = lsb_groups_pids(groups);
    read_devices(stats, domain);
    if (stats->net.n == 0)
        read_container_net(stats, domain, &d->network);
    return stats;
}
