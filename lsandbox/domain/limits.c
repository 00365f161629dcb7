/* Limits of a sandbox in control groups: at its start, and changed while it runs. */
#include "domain/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "domain/domain.h"
#include "host/cgroup.h"
#include "host/cgrouplimits.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/limitfields.h"
#include "recipe/network/network.h"
#include "shared/units.h"

/* --- a container --- */

/* The process id of the guest init, the only child of libvirt_lxc; 0: there is none. */
static int init_of(int lxc)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", lxc, lxc);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : 0;
}

/*
 * When memory runs out the kernel should kill a program, not the guest init or libvirt_lxc. A
 * process may lower its score to the one that it has inherited (proc(5)). So the guest init has
 * -999: with -1000 its programs could exempt themselves, and the kernel would find nothing to kill.
 */
static void keep_alive(int pid, const char *score)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/oom_score_adj", pid);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, score, strlen(score)) < 0)
        g_debug("%s: %s", path, g_strerror(errno));
}

/* With version 1 libvirt makes no pids group, so make one for the guest init and its programs. */
static gboolean own_pids_group(const LsbDescription *d, LsbDomain *domain, int init, GError **error)
{
    LsbGroups *g = &domain->process.groups;
    g_autofree char *name = g_strconcat("lsandbox-", d->uuid, NULL);
    g_clear_pointer(&g->dir[LSB_PIDS], g_free);
    return lsb_groups_make(g, 1u << LSB_PIDS, name, "tuning.pids", domain->connection->host->keeper,
                           error) &&
           lsb_groups_enter(g, init, error);
}

static gboolean limit_pids(const LsbDescription *d, LsbDomain *domain, int init, GError **error)
{
    LsbGroups *g = &domain->process.groups;
    guint pids = d->tuning.pids ? d->tuning.pids : LSB_USUAL_PIDS;
    if (!(g->dir[LSB_PIDS] && g->v2[LSB_PIDS]) && !own_pids_group(d, domain, init, error))
        return FALSE;
    return lsb_groups_set_pids(g, pids, error);
}

static gboolean check_unlimited(const LsbDescription *d, GError **error)
{
    const LsbTuning *t = &d->tuning;
    if (!t->pids && !t->swap_set)
        return TRUE;
    return lsb_fail(error, UNSUPPORTED,
                    "tuning.%s: libvirt does not do this for a container, and only root may write "
                    "into its control group",
                    t->pids ? "pids" : "memory.swap");
}

gboolean lsb_limits_start_container(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    int init = domain->process.pid > 0 ? init_of(domain->process.pid) : 0;
    if (!init)
        return check_unlimited(d, error);
    keep_alive(domain->process.pid, "-1000");
    keep_alive(init, "-999");
    lsb_groups_find(&domain->process.groups, init);
    g_autoptr(GError) cause = NULL;
    if (!limit_pids(d, domain, init, &cause) && d->tuning.pids) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
    return lsb_groups_set_memory(&domain->process.groups, &d->tuning, d->memory, error);
}

/* --- a machine --- */

static gboolean set_all(const LsbGroups *g, const LsbTuning *t, GError **error)
{
    return lsb_groups_set_cpu(g, t, error) && lsb_groups_set_memory(g, t, 0, error) &&
           lsb_groups_set_block(g, t, error);
}

static const char *field_of_groups(guint needed)
{
    return needed & 1u << LSB_CPU      ? "tuning.cpu"
           : needed & 1u << LSB_MEMORY ? "tuning.memory"
                                       : "tuning.block";
}

static gboolean make_groups(const LsbDescription *d, LsbDomain *domain, guint needed,
                            GError **error)
{
    g_autofree char *name = g_strconcat("lsandbox-", d->uuid, NULL);
    return lsb_groups_make(&domain->process.groups, needed, name, field_of_groups(needed),
                           domain->connection->host->keeper, error);
}

gboolean lsb_limits_start_machine(const LsbDescription *d, LsbDomain *domain, GError **error)
{
    const LsbTuning *t = &d->tuning;
    guint needed = lsb_groups_needed(t);
    if (t->emulator_quota > 0)
        return lsb_fail(
            error, UNSUPPORTED,
            "tuning.cpu.emulator.quota: only qemu:///system tells QEMU's threads apart; "
            "tuning.cpu.quota holds for all of them");
    return !needed || (make_groups(d, domain, needed, error) &&
                       set_all(&domain->process.groups, t, error));
}

/* --- changes --- */

static void clear_parameters(virTypedParameterPtr *list, int *n)
{
    virTypedParamsFree(*list, *n);
    *list = NULL;
    *n = 0;
}

typedef int (*Setter)(virDomainPtr domain, virTypedParameterPtr list, int n, unsigned flags);

static gboolean set_parameters(virDomainPtr domain, Setter set, virTypedParameterPtr *list, int *n,
                               const char *what, GError **error)
{
    gboolean ok = *n == 0 || set(domain, *list, *n, VIR_DOMAIN_AFFECT_LIVE) == 0;
    if (!ok)
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, what);
    clear_parameters(list, n);
    return ok;
}

static gboolean change_cpu(const LsbDescription *d, virDomainPtr domain, const LsbTuning *t,
                           GError **error)
{
    virTypedParameterPtr list = NULL;
    int n = 0, room = 0;
    gboolean machine = d->kind == LSB_MACHINE;
    guint period = lsb_tuning_period(t);
    if (t->cpu_shares)
        virTypedParamsAddULLong(&list, &n, &room, VIR_DOMAIN_SCHEDULER_CPU_SHARES,
                                lsb_cgroup_has_weights() ? lsb_cgroup_weight(t->cpu_shares)
                                                         : t->cpu_shares);
    if (t->cpu_quota > 0) {
        virTypedParamsAddULLong(&list, &n, &room,
                                machine ? VIR_DOMAIN_SCHEDULER_GLOBAL_PERIOD
                                        : VIR_DOMAIN_SCHEDULER_VCPU_PERIOD,
                                period);
        virTypedParamsAddLLong(&list, &n, &room,
                               machine ? VIR_DOMAIN_SCHEDULER_GLOBAL_QUOTA
                                       : VIR_DOMAIN_SCHEDULER_VCPU_QUOTA,
                               (long long)lsb_tuning_quota_us(t->cpu_quota, period));
    }
    return set_parameters(domain, virDomainSetSchedulerParametersFlags, &list, &n,
                          "libvirt cannot change tuning.cpu", error);
}

static gboolean change_memory(virDomainPtr domain, const LsbTuning *t, guint64 memory,
                              GError **error)
{
    virTypedParameterPtr list = NULL;
    int n = 0, room = 0;
    guint64 hard = t->hard ? t->hard : memory;
    if (hard)
        virTypedParamsAddULLong(&list, &n, &room, VIR_DOMAIN_MEMORY_HARD_LIMIT, hard / KiB);
    if (t->soft)
        virTypedParamsAddULLong(&list, &n, &room, VIR_DOMAIN_MEMORY_SOFT_LIMIT, t->soft / KiB);
    if (hard && t->swap_set)
        virTypedParamsAddULLong(&list, &n, &room, VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT,
                                (lsb_cgroup_has_weights() ? 0 : hard / KiB) + t->swap / KiB);
    return set_parameters(domain, virDomainSetMemoryParameters, &list, &n,
                          "libvirt cannot change the memory", error);
}

/* The rates of a block device. */
typedef enum { WEIGHT, READ_BYTES, WRITE_BYTES, READ_IOPS, WRITE_IOPS, BLOCK_RATES } BlockRate;

static const char *const block_parameters[BLOCK_RATES] = {
    [WEIGHT] = VIR_DOMAIN_BLKIO_DEVICE_WEIGHT,
    [READ_BYTES] = VIR_DOMAIN_BLKIO_DEVICE_READ_BPS,
    [WRITE_BYTES] = VIR_DOMAIN_BLKIO_DEVICE_WRITE_BPS,
    [READ_IOPS] = VIR_DOMAIN_BLKIO_DEVICE_READ_IOPS,
    [WRITE_IOPS] = VIR_DOMAIN_BLKIO_DEVICE_WRITE_IOPS,
};

static guint64 block_rate(const LsbBlockRate *r, BlockRate which)
{
    const guint64 rates[BLOCK_RATES] = {
        [WEIGHT] = r->weight,       [READ_BYTES] = r->read_bytes, [WRITE_BYTES] = r->write_bytes,
        [READ_IOPS] = r->read_iops, [WRITE_IOPS] = r->write_iops,
    };
    return rates[which];
}

/* "path,number,path,number", as virDomainSetBlkioParameters() wants each kind of rate. */
static void add_block_rates(virTypedParameterPtr *list, int *n, int *room,
                            const LsbTuning *t, BlockRate which)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; t->devices && i < t->devices->len; i++) {
        const LsbBlockRate *r = t->devices->pdata[i];
        guint64 rate = block_rate(r, which);
        if (rate)
            g_string_append_printf(text, "%s%s,%" G_GUINT64_FORMAT, text->len ? "," : "", r->name,
                                   rate);
    }
    if (text->len)
        virTypedParamsAddString(list, n, room, block_parameters[which], text->str);
}

static gboolean change_block(virDomainPtr domain, const LsbTuning *t, GError **error)
{
    virTypedParameterPtr list = NULL;
    int n = 0, room = 0;
    if (t->block_weight)
        virTypedParamsAddUInt(&list, &n, &room, VIR_DOMAIN_BLKIO_WEIGHT, t->block_weight);
    for (BlockRate i = 0; i < BLOCK_RATES; i++)
        add_block_rates(&list, &n, &room, t, i);
    return set_parameters(domain, virDomainSetBlkioParameters, &list, &n,
                          "libvirt cannot change tuning.block", error);
}

/*
 * Change the limits of a machine whose control groups lsandbox makes. A group that the start did
 * not need is made now, and QEMU is moved into it.
 */
static gboolean change_own(const LsbDescription *d, LsbDomain *domain, const LsbTuning *t,
                           GError **error)
{
    guint missing = lsb_groups_needed(t);
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (domain->process.groups.dir[c])
            missing &= ~(1u << c);
    if (missing && domain->process.pid <= 0)
        return lsb_fail(error, UNSUPPORTED,
                        "%s: the machine was started without, and its process is not known on %s",
                        field_of_groups(missing), domain->connection->uri);
    return (!missing || make_groups(d, domain, missing, error)) &&
           set_all(&domain->process.groups, t, error) &&
           (!missing || lsb_groups_enter(&domain->process.groups, domain->process.pid, error));
}

static gboolean change_vcpus(const LsbDescription *d, LsbDomain *domain, guint vcpus,
                             GError **error)
{
    if (d->kind == LSB_CONTAINER)
        return lsb_fail(error, UNSUPPORTED,
                        "vcpus: a container has the host's processors; change tuning.cpu.quota");
    if (vcpus > d->max_vcpus)
        return lsb_fail(error, UNSUPPORTED,
                        "vcpus: the machine was started with max_vcpus = %u, and cannot get %u",
                        d->max_vcpus, vcpus);
    if (virDomainSetVcpusFlags(domain->domain, vcpus, VIR_DOMAIN_AFFECT_LIVE) == 0)
        return TRUE;
    lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot change vcpus");
    return FALSE;
}

static gboolean change_pids(const LsbDescription *d, LsbDomain *domain, guint pids, GError **error)
{
    if (d->kind == LSB_MACHINE || !domain->process.groups.dir[LSB_PIDS])
        return lsb_fail(error, UNSUPPORTED, "tuning.pids: %s",
                        d->kind == LSB_MACHINE
                            ? "a machine's own kernel has the limit, from the start on"
                            : "only root may write into the container's control group");
    return lsb_groups_set_pids(&domain->process.groups, pids, error);
}

static gboolean change_memory_of(const LsbDescription *d, LsbDomain *domain, const LsbChanges *c,
                                 GError **error)
{
    const LsbTuning *t = &c->tuning;
    if (d->kind == LSB_MACHINE && c->memory)
        return lsb_fail(error, UNSUPPORTED,
                        "memory: a machine keeps what it was started with; it has no balloon");
    if (domain->process.groups.dir[LSB_MEMORY])
        return lsb_groups_set_memory(&domain->process.groups, t, c->memory, error);
    return change_memory(domain->domain, t, c->memory, error);
}

/* libvirt's parameters for the bandwidth of one direction. */
typedef struct {
    const char *average, *peak, *burst;
} RateParameters;

static const RateParameters inbound_parameters = {
    .average = VIR_DOMAIN_BANDWIDTH_IN_AVERAGE,
    .peak = VIR_DOMAIN_BANDWIDTH_IN_PEAK,
    .burst = VIR_DOMAIN_BANDWIDTH_IN_BURST,
};
static const RateParameters outbound_parameters = {
    .average = VIR_DOMAIN_BANDWIDTH_OUT_AVERAGE,
    .peak = VIR_DOMAIN_BANDWIDTH_OUT_PEAK,
    .burst = VIR_DOMAIN_BANDWIDTH_OUT_BURST,
};

/* In KiB, as virDomainSetInterfaceParameters() counts; at least 1, because 0 means no limit. */
static void add_kib(virTypedParameterPtr *list, int *n, int *room, const char *name, guint64 bytes)
{
    if (bytes)
        virTypedParamsAddUInt(list, n, room, name,
                              (unsigned)MIN(MAX(bytes / KiB, 1), G_MAXUINT));
}

static void add_bandwidth(virTypedParameterPtr *list, int *n, int *room,
                          const RateParameters *names, const LsbRate *rate)
{
    add_kib(list, n, room, names->average, rate->average);
    add_kib(list, n, room, names->peak, rate->peak);
    add_kib(list, n, room, names->burst, rate->burst);
}

static gboolean change_interface(const LsbDescription *d, virDomainPtr domain, guint index,
                                 const LsbBandwidth *b, GError **error)
{
    virTypedParameterPtr list = NULL;
    int n = 0, room = 0;
    g_autofree char *mac = lsb_network_mac(&d->network, index);
    add_bandwidth(&list, &n, &room, &inbound_parameters, &b->inbound);
    add_bandwidth(&list, &n, &room, &outbound_parameters, &b->outbound);
    int result =
        n == 0 ? 0 : virDomainSetInterfaceParameters(domain, mac, list, n, VIR_DOMAIN_AFFECT_LIVE);
    virTypedParamsFree(list, n);
    if (result < 0)
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "libvirt cannot change the bandwidth");
    return result == 0;
}

static gboolean change_network(const LsbDescription *d, LsbDomain *domain, const GArray *network,
                               GError **error)
{
    if (d->kind == LSB_CONTAINER)
        return lsb_fail(error, UNSUPPORTED,
                        "network: libvirt's LXC driver cannot change the bandwidth of a container "
                        "that runs");
    if (network->len > d->network.interfaces->len)
        return lsb_fail(error, UNSUPPORTED, "network: the sandbox has %u interfaces, not %u",
                        d->network.interfaces->len, network->len);
    for (guint i = 0; i < network->len; i++)
        if (!change_interface(d, domain->domain, i, &g_array_index(network, LsbBandwidth, i),
                              error))
            return FALSE;
    return TRUE;
}

gboolean lsb_limits_change(const LsbDescription *d, LsbDomain *domain, const LsbChanges *c,
                         GError **error)
{
    const LsbTuning *t = &c->tuning;
    if (c->vcpus && !change_vcpus(d, domain, c->vcpus, error))
        return FALSE;
    if (c->network && !change_network(d, domain, c->network, error))
        return FALSE;
    if (t->pids && !change_pids(d, domain, t->pids, error))
        return FALSE;
    if (d->kind == LSB_MACHINE && t->hard && t->hard < d->memory)
        return lsb_fail(error, UNSUPPORTED,
                        "tuning.memory.hard: less than the machine's memory would end it");
    if (lsb_drivers[domain->connection->driver].runs_as_caller)
        return (!c->memory || change_memory_of(d, domain, c, error)) &&
               change_own(d, domain, t, error);
    return change_cpu(d, domain->domain, t, error) && change_memory_of(d, domain, c, error) &&
           change_block(domain->domain, t, error);
}
