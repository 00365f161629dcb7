/* The field tuning of a recipe, and the table of sb:tune(). */
#include "recipe/limitfields.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "recipe/network/bandwidthfields.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    /* Kernel, sched-bwc.rst: a period is from 1 ms to 1 s, a quota at least 1 ms. */
    LEAST_PERIOD = 1000,
    MOST_PERIOD = 1000000,
    LEAST_QUOTA = 1000,
    MOST_PROCESSORS = 255,
    /* libvirt, formatdomain.html "CPU Tuning": from 2 to 262144, as the kernel's MIN_SHARES. */
    LEAST_SHARES = 2,
    MOST_SHARES = 262144,
    /* formatdomain.html "Block I/O Tuning" */
    LEAST_WEIGHT = 10,
    MOST_WEIGHT = 1000,
    MOST_PIDS = 4194304, /* PID_MAX_LIMIT of linux/threads.h */
    LEAST_PIDS = 2,      /* one for the guest init, and one for a program */
    MOST_CPU = 4095,     /* the highest number of a processor or node that a set may have */
};

static const LsbRange shares_range = {LEAST_SHARES, MOST_SHARES};
static const LsbRange period_range = {LEAST_PERIOD, MOST_PERIOD};
static const LsbRange weight_range = {LEAST_WEIGHT, MOST_WEIGHT};
static const LsbRange pids_range = {LEAST_PIDS, MOST_PIDS};
static const LsbRange iops_range = {1, G_MAXINT32};
static const LsbRange vcpus_range = {1, MOST_PROCESSORS};
static const char *const numa_words[] = {"strict", "preferred", "interleave", NULL};

/* --- sets of processors and nodes --- */

/*
 * Parse numbers and ranges like "0-1,4" (cpuset(7), "List format"). Returns a byte for each number
 * up to MOST_CPU, 1 for those in the set, which the caller frees; NULL: TEXT is not of that form.
 */
static guint8 *parse_set(const char *text)
{
    g_autofree guint8 *bits = g_new0(guint8, MOST_CPU + 1);
    for (const char *at = text;; at++) {
        char *end;
        if (!g_ascii_isdigit(*at))
            return NULL;
        guint64 first = g_ascii_strtoull(at, &end, 10), last = first;
        if (*end == '-') {
            if (!g_ascii_isdigit(end[1]))
                return NULL;
            last = g_ascii_strtoull(end + 1, &end, 10);
        }
        if (first > last || last > MOST_CPU)
            return NULL;
        memset(bits + first, 1, last - first + 1);
        at = end;
        if (!*at)
            return g_steal_pointer(&bits);
        if (*at != ',')
            return NULL;
    }
}

/* The set that the host has, from sysfs. A host without the FILE has number 0 alone. */
static char *host_set(const char *file)
{
    char *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return g_strdup("0");
    return g_strstrip(text);
}

typedef struct {
    const char *what, *file;
} SetKind;

static const SetKind processors = {"processors", "/sys/devices/system/cpu/online"};
static const SetKind nodes = {"NUMA nodes", "/sys/devices/system/node/online"};

/* A set of numbers that the host has. ARG is a SetKind; OUT points to a string. */
static gboolean parse_set_field(const LsbValue *value, const char *path, gpointer out,
                                gconstpointer arg, GError **error)
{
    const SetKind *kind = arg;
    g_autofree char *what = g_strdup_printf("a set of %s like \"0-1,4\"", kind->what);
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    g_autofree guint8 *bits = parse_set(text);
    if (!bits)
        return lsb_field_error(error, path, what, value);
    g_autofree char *there = host_set(kind->file);
    g_autofree guint8 *online = parse_set(there);
    for (guint i = 0; online && i <= MOST_CPU; i++)
        if (bits[i] && !online[i]) {
            g_autofree char *which = g_strdup_printf("some of the host's %s %s", kind->what, there);
            return lsb_field_error(error, path, which, value);
        }
    lsb_field_set_text(out, text);
    return TRUE;
}

static gboolean read_set(const LsbValue *value, const char *path, gpointer sets, gconstpointer arg,
                         GError **error)
{
    char *set = NULL;
    if (!parse_set_field(value, path, &set, arg, error))
        return FALSE;
    g_ptr_array_add(sets, set);
    return TRUE;
}

/* A set for the whole sandbox, or a list of sets, one for each processor of a machine. */
static gboolean parse_pinning(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    LsbTuning *t = out;
    (void)arg;
    if (value->kind == LSB_VALUE_STRING)
        return parse_set_field(value, path, &t->pinning, &processors, error);
    if (!lsb_value_is_list(value) || value->u.table.items->len == 0)
        return lsb_field_error(error, path, "a set of processors like \"0-1,4\", or a list of them",
                               value);
    t->vcpu_pins = g_ptr_array_new_with_free_func(g_free);
    return lsb_fields_each(value, path, read_set, t->vcpu_pins, &processors, error);
}

/* --- cpu --- */

static gboolean parse_quota(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    double quota = lsb_value_double(value);
    if (!(quota > 0) || (quota > MOST_PROCESSORS && quota < LEAST_QUOTA) ||
        quota > (double)MOST_PROCESSORS * MOST_PERIOD)
        return lsb_field_error(error, path,
                               "a number of processors like 0.5, at most 255, or microseconds in "
                               "each period, at least 1000",
                               value);
    *(double *)out = quota;
    return TRUE;
}

static const LsbField emulator_fields[] = {
    {"pinning", parse_set_field, offsetof(LsbTuning, emulator_pin), &processors},
    {"quota", parse_quota, offsetof(LsbTuning, emulator_quota), NULL},
    {NULL, NULL, 0, NULL},
};

/* Each of the tables below fills an LsbTuning. */
static const LsbField cpu_fields[] = {
    {"shares", lsb_field_uint, offsetof(LsbTuning, cpu_shares), &shares_range},
    {"quota", parse_quota, offsetof(LsbTuning, cpu_quota), NULL},
    {"period", lsb_field_uint, offsetof(LsbTuning, cpu_period), &period_range},
    {"pinning", parse_pinning, 0, NULL},
    {"emulator", lsb_field_table, 0, emulator_fields},
    {NULL, NULL, 0, NULL},
};

guint lsb_tuning_period(const LsbTuning *t)
{
    return t->cpu_period ? t->cpu_period : LSB_USUAL_PERIOD;
}

guint64 lsb_tuning_quota_us(double quota, guint period)
{
    return (guint64)(quota < LEAST_QUOTA ? quota * period + 0.5 : quota);
}

static gboolean check_quota(const char *field, double quota, guint period, GError **error)
{
    guint64 us = lsb_tuning_quota_us(quota, period);
    return quota == 0 || us >= LEAST_QUOTA ||
           lsb_fail(
               error, INVALID,
               "%s: expected at least %d microseconds of each period of %u, got %" G_GUINT64_FORMAT,
               field, LEAST_QUOTA, period, us);
}

/* --- memory --- */

/* A size, or 0. */
static gboolean parse_swap(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    LsbTuning *t = out;
    gint64 number;
    t->swap_set = TRUE;
    t->swap = 0;
    if (lsb_value_whole(value, &number) && number == 0)
        return TRUE;
    return lsb_field_size(value, path, &t->swap, arg, error);
}

static const LsbField memory_fields[] = {
    {"hard", lsb_field_size, offsetof(LsbTuning, hard), NULL},
    {"soft", lsb_field_size, offsetof(LsbTuning, soft), NULL},
    {"swap", parse_swap, 0, NULL},
    {NULL, NULL, 0, NULL},
};

/* --- block --- */

static void rate_free(gpointer data)
{
    LsbBlockRate *rate = data;
    g_free(rate->name);
    g_free(rate);
}

#define RATES                                                                                      \
    {"read_bytes", lsb_field_size, offsetof(LsbBlockRate, read_bytes), NULL},                      \
    {"write_bytes", lsb_field_size, offsetof(LsbBlockRate, write_bytes), NULL},                    \
    {"read_iops", lsb_field_uint, offsetof(LsbBlockRate, read_iops), &iops_range},                 \
    {"write_iops", lsb_field_uint, offsetof(LsbBlockRate, write_iops), &iops_range}

static const LsbField block_device_fields[] = {
    RATES,
    {"weight", lsb_field_uint, offsetof(LsbBlockRate, weight), &weight_range},
    {NULL, NULL, 0, NULL},
};

static const LsbField disk_fields[] = {RATES, {NULL, NULL, 0, NULL}};

static gboolean check_block_device(const char *name, const char *path, GError **error)
{
    struct stat st;
    if (!g_path_is_absolute(name))
        return lsb_fail(error, INVALID, "%s: expected absolute path as the key", path);
    if (stat(name, &st) < 0 || !S_ISBLK(st.st_mode))
        return lsb_fail(error, INVALID, "%s: expected a block device of the host as the key", path);
    return TRUE;
}

/* A table of rates by name. ARG are the rows of each; block_device_fields are for host devices. */
static gboolean parse_rates(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of rates by name", value);
    GPtrArray *pairs = lsb_value_pairs(value);
    GPtrArray *rates = *(GPtrArray **)out = g_ptr_array_new_with_free_func(rate_free);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        LsbBlockRate *rate = g_new0(LsbBlockRate, 1);
        rate->name = g_strdup(pair->key);
        g_ptr_array_add(rates, rate);
        if (!lsb_field_table(pair->value, at, rate, arg, error) ||
            (arg == block_device_fields && !check_block_device(pair->key, at, error)))
            return FALSE;
    }
    return TRUE;
}

static const LsbField block_fields[] = {
    {"weight", lsb_field_uint, offsetof(LsbTuning, block_weight), &weight_range},
    {"devices", parse_rates, offsetof(LsbTuning, devices), block_device_fields},
    {"disks", parse_rates, offsetof(LsbTuning, disks), disk_fields},
    {NULL, NULL, 0, NULL},
};

const LsbBlockRate *lsb_tuning_disk(const LsbTuning *t, const char *tag)
{
    for (guint i = 0; t->disks && i < t->disks->len; i++)
        if (strcmp(((LsbBlockRate *)t->disks->pdata[i])->name, tag) == 0)
            return t->disks->pdata[i];
    return NULL;
}

gboolean lsb_tuning_check_disks(const LsbTuning *t, const char *const *tags, GError **error)
{
    for (guint i = 0; t->disks && i < t->disks->len; i++) {
        const LsbBlockRate *rate = t->disks->pdata[i];
        if (tags && g_strv_contains(tags, rate->name))
            continue;
        g_autofree char *at = lsb_field_join("tuning.block.disks", rate->name);
        return lsb_fail(error, INVALID,
                        "%s: expected the tag of one of the recipe's disks as the key", at);
    }
    return TRUE;
}

/* --- numa --- */

static const LsbField numa_fields[] = {
    {"nodes", parse_set_field, offsetof(LsbTuning, numa_nodes), &nodes},
    {"mode", lsb_field_enum, offsetof(LsbTuning, numa_mode), numa_words},
    {NULL, NULL, 0, NULL},
};

static gboolean parse_numa(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    if (!lsb_field_table(value, path, out, arg, error))
        return FALSE;
    return lsb_value_get(value, "nodes") ||
           lsb_fail(error, INVALID,
                    "%s.nodes: expected a set of NUMA nodes like \"0-1,4\", got nothing", path);
}

/* --- the whole --- */

static const LsbField tuning_fields[] = {
    {"cpu", lsb_field_table, 0, cpu_fields},
    {"memory", lsb_field_table, 0, memory_fields},
    {"block", lsb_field_table, 0, block_fields},
    {"numa", parse_numa, 0, numa_fields},
    {"pids", lsb_field_uint, offsetof(LsbTuning, pids), &pids_range},
    {NULL, NULL, 0, NULL},
};

gboolean lsb_tuning_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    LsbTuning *t = out;
    if (!lsb_field_table(value, path, t, tuning_fields, error) ||
        !check_quota("tuning.cpu.quota", t->cpu_quota, lsb_tuning_period(t), error) ||
        !check_quota("tuning.cpu.emulator.quota", t->emulator_quota, lsb_tuning_period(t), error))
        return FALSE;
    if (t->soft && t->hard && t->soft > t->hard)
        return lsb_fail(error, INVALID,
                        "tuning.memory.soft: expected at most the hard limit, %" G_GUINT64_FORMAT
                        " bytes, got %" G_GUINT64_FORMAT,
                        t->hard, t->soft);
    return TRUE;
}

void lsb_tuning_clear(LsbTuning *t)
{
    char *strings[] = {t->pinning, t->emulator_pin, t->numa_nodes};
    GPtrArray *arrays[] = {t->vcpu_pins, t->devices, t->disks};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
        if (arrays[i])
            g_ptr_array_unref(arrays[i]);
    *t = (LsbTuning){0};
}

static gboolean check_container_tuning(const LsbTuning *t, GError **error)
{
    if (t->vcpu_pins)
        return lsb_fail(error, INVALID,
                        "tuning.cpu.pinning: expected one set for a container, whose programs run "
                        "on the host's processors, got a list");
    if (t->emulator_pin || t->emulator_quota > 0)
        return lsb_fail(error, INVALID,
                        "tuning.cpu.emulator: expected nothing for a container, which has no "
                        "emulator, got a table");
    return TRUE;
}

static gboolean check_machine_tuning(const LsbTuning *t, guint64 memory, guint vcpus,
                                     GError **error)
{
    if (t->vcpu_pins && t->vcpu_pins->len > vcpus)
        return lsb_fail(
            error, INVALID,
            "tuning.cpu.pinning: expected at most %u sets, one for each of vcpus, got %u", vcpus,
            t->vcpu_pins->len);
    if (t->hard && t->hard < memory)
        return lsb_fail(
            error, INVALID,
            "tuning.memory.hard: expected at least the machine's memory, %" G_GUINT64_FORMAT
            " bytes, got %" G_GUINT64_FORMAT,
            memory, t->hard);
    if (t->swap_set && !t->hard)
        return lsb_fail(error, INVALID,
                        "tuning.memory.swap: expected a hard limit beside it for a machine, got "
                        "none");
    return TRUE;
}

gboolean lsb_tuning_check(const LsbTuning *t, gboolean machine, guint64 memory, guint vcpus,
                          GError **error)
{
    return machine ? check_machine_tuning(t, memory, vcpus, error)
                   : check_container_tuning(t, error);
}

/* --- changes --- */

static const LsbField live_cpu_fields[] = {
    {"shares", lsb_field_uint, offsetof(LsbTuning, cpu_shares), &shares_range},
    {"quota", parse_quota, offsetof(LsbTuning, cpu_quota), NULL},
    {"period", lsb_field_uint, offsetof(LsbTuning, cpu_period), &period_range},
    {NULL, NULL, 0, NULL},
};

static const LsbField live_block_fields[] = {
    {"weight", lsb_field_uint, offsetof(LsbTuning, block_weight), &weight_range},
    {"devices", parse_rates, offsetof(LsbTuning, devices), block_device_fields},
    {NULL, NULL, 0, NULL},
};

static const LsbField live_tuning_fields[] = {
    {"cpu", lsb_field_table, 0, live_cpu_fields},
    {"memory", lsb_field_table, 0, memory_fields},
    {"block", lsb_field_table, 0, live_block_fields},
    {"pids", lsb_field_uint, offsetof(LsbTuning, pids), &pids_range},
    {NULL, NULL, 0, NULL},
};

static const LsbField tune_fields[] = {
    {"memory", lsb_field_size, offsetof(LsbChanges, memory), NULL},
    {"vcpus", lsb_field_uint, offsetof(LsbChanges, vcpus), &vcpus_range},
    {"tuning", lsb_field_table, offsetof(LsbChanges, tuning), live_tuning_fields},
    {"network", lsb_network_changes_parse, offsetof(LsbChanges, network), NULL},
    {NULL, NULL, 0, NULL},
};

gboolean lsb_changes_read(const LsbValue *value, LsbChanges *out, GError **error)
{
    const LsbTuning *t = &out->tuning;
    return lsb_field_table(value, "tune", out, tune_fields, error) &&
           check_quota("tune.tuning.cpu.quota", t->cpu_quota, lsb_tuning_period(t), error);
}

void lsb_changes_clear(LsbChanges *c)
{
    lsb_tuning_clear(&c->tuning);
    g_clear_pointer(&c->network, g_array_unref);
}
