#include "error.h"
#include "start.h"

/* The resident size: of QEMU for a machine, of the control group for a container. */
static guint64 resident_bytes(virDomainPtr domain)
{
    enum { KiB = 1024 };
    virDomainMemoryStatStruct list[VIR_DOMAIN_MEMORY_STAT_NR];
    int n = virDomainMemoryStats(domain, list, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    for (int i = 0; i < n; i++)
        if (list[i].tag == VIR_DOMAIN_MEMORY_STAT_RSS)
            return list[i].val * KiB;
    return 0;
}

LsbStats *lsb_domain_stats(virDomainPtr domain, GError **error)
{
    enum { KiB = 1024 };
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
    return stats;
}
