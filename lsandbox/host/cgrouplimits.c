/* The limits of control groups: which file of version 1 or 2 each of them is. */
#include "host/cgrouplimits.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "host/cgroup.h"
#include "recipe/limitfields.h"

/* --- cpu --- */

/*
 * Version 1 is told the period first, because the kernel refuses a quota of less than a millisecond
 * at any moment.
 */
static gboolean set_quota(const LsbGroups *g, guint64 quota, guint period, GError **error)
{
    if (g->v2[LSB_CPU]) {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT " %u", quota, period);
        return lsb_groups_write(g, LSB_CPU, "cpu.max", text, error);
    }
    return lsb_groups_write_number(g, LSB_CPU, "cpu.cfs_period_us", period, error) &&
           lsb_groups_write_number(g, LSB_CPU, "cpu.cfs_quota_us", quota, error);
}

static gboolean set_shares(const LsbGroups *g, guint shares, GError **error)
{
    if (g->v2[LSB_CPU])
        return lsb_groups_write_number(g, LSB_CPU, "cpu.weight", lsb_cgroup_weight(shares), error);
    return lsb_groups_write_number(g, LSB_CPU, "cpu.shares", shares, error);
}

gboolean lsb_groups_set_cpu(const LsbGroups *g, const LsbTuning *t, GError **error)
{
    if (t->cpu_shares && !set_shares(g, t->cpu_shares, error))
        return FALSE;
    guint period = lsb_tuning_period(t);
    return t->cpu_quota == 0 ||
           set_quota(g, lsb_tuning_quota_us(t->cpu_quota, period), period, error);
}

/* --- memory --- */

/* Version 1 limits memory, and memory plus swap, which must be the larger limit at every moment. */
static gboolean set_hard_v1(const LsbGroups *g, guint64 hard, guint64 swap, GError **error)
{
    static const char limit[] = "memory.limit_in_bytes", both[] = "memory.memsw.limit_in_bytes";
    if (!lsb_groups_has_file(g, LSB_MEMORY, both)) /* swapaccount=0: the kernel counts no swap */
        return lsb_groups_write_number(g, LSB_MEMORY, limit, hard, error);
    gboolean grows = hard > lsb_groups_read_number(g, LSB_MEMORY, limit);
    guint64 sum = hard + swap;
    if (grows) /* the larger limit first, else last */
        return lsb_groups_write_number(g, LSB_MEMORY, both, sum, error) &&
               lsb_groups_write_number(g, LSB_MEMORY, limit, hard, error);
    return lsb_groups_write_number(g, LSB_MEMORY, limit, hard, error) &&
           lsb_groups_write_number(g, LSB_MEMORY, both, sum, error);
}

static gboolean set_hard(const LsbGroups *g, guint64 hard, guint64 swap, GError **error)
{
    if (!g->v2[LSB_MEMORY])
        return set_hard_v1(g, hard, swap, error);
    return lsb_groups_write_number(g, LSB_MEMORY, "memory.max", hard, error) &&
           (!lsb_groups_has_file(g, LSB_MEMORY, "memory.swap.max") ||
            lsb_groups_write_number(g, LSB_MEMORY, "memory.swap.max", swap, error));
}

gboolean lsb_groups_set_memory(const LsbGroups *g, const LsbTuning *t, guint64 memory,
                               GError **error)
{
    gboolean v2 = g->v2[LSB_MEMORY];
    guint64 hard = t->hard && memory ? MIN(t->hard, memory) : t->hard ? t->hard : memory;
    if (!hard && t->swap_set)
        hard = lsb_groups_read_number(g, LSB_MEMORY, v2 ? "memory.max" : "memory.limit_in_bytes");
    if (hard && !set_hard(g, hard, t->swap, error))
        return FALSE;
    const char *soft = v2 ? "memory.high" : "memory.soft_limit_in_bytes";
    return !t->soft || lsb_groups_write_number(g, LSB_MEMORY, soft, t->soft, error);
}

/* --- block --- */

/* The "major:minor" of a block device. Caller frees. */
static char *device_number(const char *path, GError **error)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISBLK(st.st_mode))
        return g_strdup_printf("%u:%u", major(st.st_rdev), minor(st.st_rdev));
    lsb_set_errno(error, errno, "cannot look at the block device %s", path);
    return NULL;
}

static gboolean set_rate(const LsbGroups *g, const char *device, const char *v1, const char *v2,
                         guint64 rate, GError **error)
{
    if (!rate)
        return TRUE;
    g_autofree char *text =
        g_strdup_printf("%s %s%" G_GUINT64_FORMAT, device, g->v2[LSB_IO] ? v2 : "", rate);
    g_autofree char *file = g_strconcat("blkio.throttle.", v1, NULL);
    return lsb_groups_write(g, LSB_IO, g->v2[LSB_IO] ? "io.max" : file, text, error);
}

/* Only some schedulers of devices know weights: bfq, and the cost model (io.cost). */
static gboolean set_weight(const LsbGroups *g, const char *device, guint weight, GError **error)
{
    static const char *const files[2][3] = {{"blkio.bfq.weight", "blkio.weight", NULL},
                                            {"io.weight", "io.bfq.weight", NULL}};
    static const char *const device_files[2][3] = {
        {"blkio.bfq.weight_device", "blkio.weight_device", NULL},
        {"io.weight", "io.bfq.weight", NULL}};
    const char *const *file = (device ? device_files : files)[g->v2[LSB_IO] ? 1 : 0];
    if (!weight)
        return TRUE;
    while (file[1] && !lsb_groups_has_file(g, LSB_IO, *file))
        file++;
    g_autofree char *text =
        g_strdup_printf("%s%s%u", device ? device : "", device ? " " : "", weight);
    return lsb_groups_write(g, LSB_IO, *file, text, error);
}

static gboolean set_device(const LsbGroups *g, const LsbBlockRate *r, GError **error)
{
    g_autofree char *device = device_number(r->name, error);
    return device && set_weight(g, device, r->weight, error) &&
           set_rate(g, device, "read_bps_device", "rbps=", r->read_bytes, error) &&
           set_rate(g, device, "write_bps_device", "wbps=", r->write_bytes, error) &&
           set_rate(g, device, "read_iops_device", "riops=", r->read_iops, error) &&
           set_rate(g, device, "write_iops_device", "wiops=", r->write_iops, error);
}

gboolean lsb_groups_set_block(const LsbGroups *g, const LsbTuning *t, GError **error)
{
    if (!set_weight(g, NULL, t->block_weight, error))
        return FALSE;
    for (guint i = 0; t->devices && i < t->devices->len; i++)
        if (!set_device(g, t->devices->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- pids --- */

gboolean lsb_groups_set_pids(const LsbGroups *g, guint pids, GError **error)
{
    return lsb_groups_write_number(g, LSB_PIDS, "pids.max", pids, error);
}
