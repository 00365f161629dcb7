/*
 * The field tuning of a recipe: limits on what a sandbox uses of the host's processors, memory,
 * disks and process ids, beside its memory and vcpus; and the changes of limits while it runs.
 */
#ifndef LSANDBOX_RECIPE_LIMITFIELDS_H
#define LSANDBOX_RECIPE_LIMITFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* The rates of a block device of the host, or of a disk of the recipe. 0: no limit. */
typedef struct {
    char *name;                      /* "/dev/sda", or the disk's tag */
    guint64 read_bytes, write_bytes; /* each second */
    guint read_iops, write_iops;     /* each second */
    guint weight;                    /* of a device only; 0: the kernel's default */
} LsbBlockRate;

typedef enum { LSB_NUMA_STRICT, LSB_NUMA_PREFERRED, LSB_NUMA_INTERLEAVE } LsbNumaMode;

/* The limits as written. 0 and NULL: not set. */
typedef struct {
    guint cpu_shares;         /* the kernel's default is 1024 */
    double cpu_quota;         /* processors, or microseconds of each period from 1000 up */
    guint cpu_period;         /* microseconds */
    char *pinning;            /* processors of the host, "0-1,4" */
    GPtrArray *vcpu_pins;     /* the same for each processor of a machine (char *) */
    char *emulator_pin;       /* the same for QEMU's other threads */
    double emulator_quota;    /* as cpu_quota */
    guint64 hard, soft, swap; /* bytes */
    gboolean swap_set;        /* because a swap of 0 is a limit as well */
    guint block_weight;
    GPtrArray *devices; /* LsbBlockRate */
    GPtrArray *disks;   /* LsbBlockRate */
    char *numa_nodes;
    int numa_mode; /* LsbNumaMode */
    guint pids;
} LsbTuning;

/*
 * The default limit of processes and threads, so that a fork bomb is contained. The number is that
 * of Podman (podman-run(1), --pids-limit).
 */
enum { LSB_USUAL_PIDS = 2048 };

/* The default period of the kernel's scheduler and of libvirt (cpu.cfs_period_us), microseconds. */
enum { LSB_USUAL_PERIOD = 100000 };

/* Parser (fields.h). OUT points to an LsbTuning, whose holdings lsb_tuning_clear() frees. */
gboolean lsb_tuning_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);
void lsb_tuning_clear(LsbTuning *t);

/*
 * Check T against the kind (MACHINE, or a container), the sandbox's MEMORY in bytes and its VCPUS.
 * FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_tuning_check(const LsbTuning *t, gboolean machine, guint64 memory, guint vcpus,
                          GError **error);

/*
 * Check that every key of tuning.block.disks is one of TAGS, the tags of the recipe's disks (ended
 * by NULL; or NULL). FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_tuning_check_disks(const LsbTuning *t, const char *const *tags, GError **error);

/* The rates of the disk TAG, borrowed; NULL: it has none. */
const LsbBlockRate *lsb_tuning_disk(const LsbTuning *t, const char *tag);

/*
 * The microseconds of each period that QUOTA allows (0: no limit); the period of T in microseconds.
 */
guint64 lsb_tuning_quota_us(double quota, guint period);
guint lsb_tuning_period(const LsbTuning *t);

/* --- changes of a sandbox that runs --- */

typedef struct {
    guint64 memory; /* bytes; 0: unchanged */
    guint vcpus;    /* 0: unchanged */
    LsbTuning tuning;
    GArray *network; /* LsbBandwidth of each interface (no rates: unchanged); NULL: all unchanged */
} LsbChanges;

/*
 * Read the table of sb:tune(), { memory =, vcpus =, network = { { bandwidth = } }, tuning = { cpu =
 * { shares =, quota =, period = }, memory =, block =, pids = } }, into OUT, which the caller clears
 * in any case. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_changes_read(const LsbValue *value, LsbChanges *out, GError **error);
void lsb_changes_clear(LsbChanges *c);

#endif
