/*
 * What a sandbox may use of the host's processors, memory, disks and process numbers, beyond its
 * memory and vcpus: the field `tuning` of a recipe, and what can be changed while it runs.
 */
#ifndef LSANDBOX_RECIPE_LIMITFIELDS_H
#define LSANDBOX_RECIPE_LIMITFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

/* Rates of one block device, or of one disk of the recipe's. 0: no limit. */
typedef struct {
    char *name;                      /* "/dev/sda", or the disk's tag */
    guint64 read_bytes, write_bytes; /* each second */
    guint read_iops, write_iops;     /* each second */
    guint weight;                    /* 0: as usual; not for a disk */
} LsbBlockRate;

typedef enum { LSB_NUMA_STRICT, LSB_NUMA_PREFERRED, LSB_NUMA_INTERLEAVE } LsbNumaMode;

/* 0 and NULL: not said. */
typedef struct {
    guint cpu_shares;         /* 1024 is what everybody has */
    double cpu_quota;         /* as the recipe says it: processors, or microseconds from 1000 up */
    guint cpu_period;         /* microseconds */
    char *pinning;            /* processors of the host, "0-1,4" */
    GPtrArray *vcpu_pins;     /* the same for each processor of a machine; char * */
    char *emulator_pin;       /* for QEMU's other threads */
    double emulator_quota;    /* as cpu_quota */
    guint64 hard, soft, swap; /* bytes */
    gboolean swap_set;        /* 0 is a limit, too */
    guint block_weight;
    GPtrArray *devices; /* LsbBlockRate */
    GPtrArray *disks;   /* LsbBlockRate */
    char *numa_nodes;
    int numa_mode; /* LsbNumaMode */
    guint pids;
} LsbTuning;

/*
 * Processes and threads of a sandbox where the recipe says nothing: a fork bomb is contained by
 * default. The number is that of Podman (podman-run(1), --pids-limit).
 */
enum { LSB_USUAL_PIDS = 2048 };

/* The usual period of the kernel's scheduler, and of libvirt's (cpu.cfs_period_us). */
enum { LSB_USUAL_PERIOD = 100000 };

/* Parser of the field; OUT: an LsbTuning. What it puts there lsb_tuning_clear() frees. */
gboolean lsb_tuning_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error);
void lsb_tuning_clear(LsbTuning *t);

/* What the kinds cannot do, and what contradicts MEMORY (bytes) and VCPUS. */
gboolean lsb_tuning_check(const LsbTuning *t, gboolean machine, guint64 memory, guint vcpus,
                          GError **error);

/*
 * Every name in tuning.block.disks must be a tag of the recipe's disks: TAGS, or NULL where it has
 * none.
 */
gboolean lsb_tuning_check_disks(const LsbTuning *t, const char *const *tags, GError **error);

/* The rates of the disk TAG; borrowed, NULL: none. */
const LsbBlockRate *lsb_tuning_disk(const LsbTuning *t, const char *tag);

/* Microseconds of each period that QUOTA stands for; 0: no limit. */
guint64 lsb_tuning_quota_us(double quota, guint period);
guint lsb_tuning_period(const LsbTuning *t);

/* --- changes of a sandbox that runs --- */

typedef struct {
    guint64 memory; /* bytes; 0: as it is */
    guint vcpus;    /* 0: as it is */
    LsbTuning tuning;
    GArray *network; /* LsbBandwidth for each interface, without rates: as it is. NULL: all are */
} LsbChanges;

/*
 * Read { memory =, vcpus =, network = { { bandwidth = } }, tuning = { cpu = { shares, quota, period }, memory, block, pids } }.
 * LSB_ERROR_INVALID. What is in OUT is the caller's to clear in both cases.
 */
gboolean lsb_changes_read(const LsbValue *value, LsbChanges *out, GError **error);
void lsb_changes_clear(LsbChanges *c);

#endif
