#include "host/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/keeper.h"
#include "recipe/limitfields.h"
#include "base/limitevents.h"

/* Names of the controllers: in version 1 and in version 2. */
static const struct {
    const char *v1, *v2;
} names[LSB_CONTROLLERS] = {
    {"cpu", "cpu"}, {"memory", "memory"}, {"blkio", "io"}, {"pids", "pids"}};

enum {
    /* A killed process leaves its groups before it is a zombie, its threads a moment later. */
    GONE_TRIES = 100,
    GONE_STEP_US = 5000,
};

/* --- where --- */

/* A place in a hierarchy: what is mounted where, and the path below. */
typedef struct {
    char *mount; /* where the hierarchy is mounted */
    char *path;  /* of the process's group below that; "" for the top */
    gboolean v2;
} Place;

static void place_clear(Place *p)
{
    g_free(p->mount);
    g_free(p->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static gboolean has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit_set(list, ", \n", -1);
    return g_strv_contains((const char *const *)words, word);
}

/*
 * The last mount of the hierarchy of V1 (NULL: of version 2): where, and which group of it is seen
 * there. Lines of /proc/self/mountinfo: "id parent dev ROOT MOUNTPOINT options [tags] - TYPE source
 * SUPEROPTIONS" (proc_pid_mountinfo(5)).
 */
static gboolean find_mount(const char *v1, char **mount, char **root)
{
    g_autofree char *text = NULL;
    gboolean found = FALSE;
    if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
        return FALSE;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *rest = strstr(*line, " - ");
        g_auto(GStrv) front = g_strsplit(*line, " ", 6),
                      back = g_strsplit(rest ? rest + 3 : "", " ", 3);
        if (g_strv_length(front) < 6 || g_strv_length(back) < 3 ||
            strcmp(back[0], v1 ? "cgroup" : "cgroup2") != 0 || (v1 && !has_word(back[2], v1)))
            continue;
        g_free(*mount);
        g_free(*root);
        *root = g_strdup(front[3]);
        *mount = g_strcompress(front[4]); /* octal escapes */
        found = TRUE;
    }
    return found;
}

/* The line of /proc/PID/cgroup for V1, or of version 2: its path. Caller frees. */
static char *group_path(int pid, const char *v1)
{
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid), *text = NULL;
    if (!g_file_get_contents(file, &text, NULL, NULL))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, ":", 3);
        if (g_strv_length(fields) == 3 &&
            (v1 ? has_word(fields[1], v1) : strcmp(fields[0], "0") == 0 && !*fields[1]))
            return g_strdup(fields[2]);
    }
    return NULL;
}

/* A process outside of what is mounted here (its path has ".." or another root) has no place. */
static gboolean below_root(Place *p, const char *path, const char *root)
{
    gsize n = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(path, root, n) != 0 || strstr(path, "/.."))
        return FALSE;
    p->path = g_strdup(strcmp(path + n, "/") == 0 ? "" : path + n);
    return TRUE;
}

static gboolean find_place(Place *p, int pid, LsbController c)
{
    g_autofree char *v1_path = group_path(pid, names[c].v1), *root = NULL;
    p->v2 = !v1_path;
    g_autofree char *path = v1_path ? g_steal_pointer(&v1_path) : group_path(pid, NULL);
    return path && find_mount(p->v2 ? NULL : names[c].v1, &p->mount, &root) &&
           below_root(p, path, root);
}

gboolean lsb_cgroup_has_weights(void)
{
    g_auto(Place) p = {0};
    return find_place(&p, getpid(), LSB_CPU) && p.v2;
}

guint lsb_cgroup_weight(guint shares)
{
    enum { EVERYBODYS_SHARES = 1024, EVERYBODYS_WEIGHT = 100, MOST = 10000 };
    guint64 weight = (guint64)shares * EVERYBODYS_WEIGHT / EVERYBODYS_SHARES;
    return (guint)CLAMP(weight, 1, MOST);
}

/* --- files --- */

/* 0, or errno. */
static int write_group_file(const char *dir, const char *file, const char *text)
{
    g_autofree char *path = g_build_filename(dir, file, NULL);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) >= 0 ? 0 : errno;
}

static gboolean write_limit(const LsbGroups *g, LsbController c, const char *file, const char *text,
                    GError **error)
{
    int errnum = g->dir[c] ? write_group_file(g->dir[c], file, text) : ENOENT;
    if (errnum == ENOENT)
        return lsb_fail(error, UNSUPPORTED, "tuning: this host's kernel has no %s for the sandbox",
                        file);
    if (errnum)
        lsb_set_errno(error, errnum, "cannot write %s to %s in %s", text, file, g->dir[c]);
    return errnum == 0;
}

static gboolean write_limit_number(const LsbGroups *g, LsbController c, const char *file, guint64 n,
                           GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    return write_limit(g, c, file, text, error);
}

static gboolean has_file(const LsbGroups *g, LsbController c, const char *file)
{
    g_autofree char *path = g->dir[c] ? g_build_filename(g->dir[c], file, NULL) : NULL;
    return path && access(path, F_OK) == 0;
}

static char *read_group_file(const LsbGroups *g, LsbController c, const char *file)
{
    g_autofree char *path = g->dir[c] ? g_build_filename(g->dir[c], file, NULL) : NULL;
    char *text = NULL;
    return path && g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static guint64 read_group_number(const LsbGroups *g, LsbController c, const char *file)
{
    g_autofree char *text = read_group_file(g, c, file);
    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The number behind KEY in lines of "key number". */
static guint64 read_group_key(const LsbGroups *g, LsbController c, const char *file, const char *key)
{
    g_autofree char *text = read_group_file(g, c, file);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    gsize n = strlen(key);
    for (char **line = lines; *line; line++)
        if (strncmp(*line, key, n) == 0 && (*line)[n] == ' ')
            return g_ascii_strtoull(*line + n, NULL, 10);
    return 0;
}

/* --- what a group can have --- */

static gboolean is_writable_group(const char *dir)
{
    g_autofree char *procs = g_build_filename(dir, "cgroup.procs", NULL);
    return access(dir, W_OK) == 0 && access(procs, W_OK) == 0;
}

static gboolean lists(const char *dir, const char *file, const char *word)
{
    g_autofree char *path = g_build_filename(dir, file, NULL), *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) && has_word(text, word);
}

/*
 * Version 2: DIR's children have the controller, or can be given it. A group with processes of its
 * own cannot (EBUSY), unless it is the real top of the hierarchy (cgroups(7), "no internal
 * processes").
 */
static gboolean gives_controller(const char *dir, const char *controller)
{
    if (lists(dir, "cgroup.subtree_control", controller))
        return TRUE;
    g_autofree char *text = g_strconcat("+", controller, NULL);
    return lists(dir, "cgroup.controllers", controller) &&
           write_group_file(dir, "cgroup.subtree_control", text) == 0;
}

/* --- finding --- */

/* Have the group at PATH given the controller by those above it, from the top down. */
static gboolean receive(const char *mount, const char *path, const char *controller)
{
    g_autofree char *dir = g_strconcat(mount, path, NULL), *above = g_strdup(path);
    char *slash = strrchr(above, '/');
    if (lists(dir, "cgroup.controllers", controller))
        return TRUE;
    if (!slash)
        return FALSE;
    *slash = 0;
    g_autofree char *parent = g_strconcat(mount, above, NULL);
    return receive(mount, above, controller) && gives_controller(parent, controller);
}

void lsb_groups_find(LsbGroups *g, int pid)
{
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++) {
        g_auto(Place) p = {0};
        if (!find_place(&p, pid, c) || !*p.path || (p.v2 && !receive(p.mount, p.path, names[c].v2)))
            continue;
        g->dir[c] = g_strconcat(p.mount, p.path, NULL);
        g->v2[c] = p.v2;
    }
}

/* --- making --- */

guint lsb_groups_needed(const LsbTuning *t)
{
    return (t->cpu_shares || t->cpu_quota > 0 ? 1u << LSB_CPU : 0) |
           (t->hard || t->soft || t->swap_set ? 1u << LSB_MEMORY : 0) |
           (t->block_weight || t->devices ? 1u << LSB_IO : 0);
}

static gboolean gives_all(const char *dir, guint controllers)
{
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (controllers & 1u << c && !gives_controller(dir, names[c].v2))
            return FALSE;
    return TRUE;
}

/*
 * From our own group upwards, the first that can have a child with the CONTROLLERS, all of which
 * matter in version 2 only: there a process has one group. Caller frees.
 */
static char *find_parent(const Place *p, guint controllers)
{
    g_autofree char *path = g_strdup(p->path);
    for (;;) {
        g_autofree char *dir = g_strconcat(p->mount, path, NULL);
        if (is_writable_group(dir) && (!p->v2 || gives_all(dir, controllers)))
            return g_steal_pointer(&dir);
        char *slash = strrchr(path, '/');
        if (!slash || !p->v2) /* in version 1 the parent is no better */
            return NULL;
        *slash = 0;
    }
}

static gboolean no_group(LsbController c, const char *field, const Place *p, GError **error)
{
    const char *name = names[c].v2;
    if (!p->mount)
        return lsb_fail(error, UNSUPPORTED,
                        "%s: this host has no control groups with the %s controller mounted where "
                        "this process sees them",
                        field, name);
    return lsb_fail(error, UNSUPPORTED,
                    "%s: cannot make a control group with the %s controller at %s%s or above it; "
                    "run as root, or in a unit of systemd with Delegate=yes (systemd-run --user "
                    "--scope -p Delegate=yes)",
                    field, name, p->mount, p->path);
}

/* V2: those of the needed ones that are of version 2. */
static gboolean make_controller_group(LsbGroups *g, LsbController c, guint v2, const char *name,
                         const char *field, LsbKeeper *keeper, GError **error)
{
    g_auto(Place) p = {0};
    g_autofree char *parent = find_place(&p, getpid(), c) ? find_parent(&p, v2) : NULL;
    if (!parent)
        return no_group(c, field, &p, error);
    g_autofree char *dir = g_build_filename(parent, name, NULL);
    if (keeper)
        lsb_keeper_watch_group(keeper, dir);
    if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
        lsb_set_errno(error, errno, "cannot make the control group %s", dir);
        return FALSE;
    }
    g->dir[c] = g_steal_pointer(&dir);
    g->v2[c] = p.v2;
    g->ours[c] = TRUE;
    return TRUE;
}

gboolean lsb_groups_make(LsbGroups *g, guint needed, const char *name, const char *field,
                         LsbKeeper *keeper, GError **error)
{
    guint v2 = 0;
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++) {
        g_auto(Place) p = {0};
        v2 |= needed & 1u << c && find_place(&p, getpid(), c) && p.v2 ? 1u << c : 0;
    }
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (needed & 1u << c && !make_controller_group(g, c, v2, name, field, keeper, error))
            return FALSE;
    return TRUE;
}

gboolean lsb_groups_enter(const LsbGroups *g, int pid, GError **error)
{
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (g->ours[c] && !write_limit_number(g, c, "cgroup.procs", (guint64)pid, error))
            return FALSE;
    return TRUE;
}

/* --- limits --- */

/* A quota is not allowed to be less than a millisecond at any moment: so the period goes first when
 * it grows. */
static gboolean set_quota(const LsbGroups *g, guint64 quota, guint period, GError **error)
{
    if (g->v2[LSB_CPU]) {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT " %u", quota, period);
        return write_limit(g, LSB_CPU, "cpu.max", text, error);
    }
    return write_limit_number(g, LSB_CPU, "cpu.cfs_period_us", period, error) &&
           write_limit_number(g, LSB_CPU, "cpu.cfs_quota_us", quota, error);
}

gboolean lsb_groups_set_cpu(const LsbGroups *g, const LsbTuning *t, GError **error)
{
    gboolean v2 = g->v2[LSB_CPU];
    if (t->cpu_shares && !write_limit_number(g, LSB_CPU, v2 ? "cpu.weight" : "cpu.shares",
                                     v2 ? lsb_cgroup_weight(t->cpu_shares) : t->cpu_shares, error))
        return FALSE;
    guint period = lsb_tuning_period(t);
    return t->cpu_quota == 0 ||
           set_quota(g, lsb_tuning_quota_us(t->cpu_quota, period), period, error);
}

/* Version 1 counts memory and swap together, and the sum must be the larger at every moment. */
static gboolean set_hard_v1(const LsbGroups *g, guint64 hard, guint64 swap, GError **error)
{
    static const char limit[] = "memory.limit_in_bytes", both[] = "memory.memsw.limit_in_bytes";
    if (!has_file(g, LSB_MEMORY, both)) /* swap is not counted: swapaccount=0 */
        return write_limit_number(g, LSB_MEMORY, limit, hard, error);
    gboolean grows = hard > read_group_number(g, LSB_MEMORY, limit);
    guint64 sum = hard + swap;
    if (grows) /* in two steps: what there is now may be the lesser of both */
        return write_limit_number(g, LSB_MEMORY, both, sum, error) &&
               write_limit_number(g, LSB_MEMORY, limit, hard, error);
    return write_limit_number(g, LSB_MEMORY, limit, hard, error) &&
           write_limit_number(g, LSB_MEMORY, both, sum, error);
}

static gboolean set_hard(const LsbGroups *g, guint64 hard, guint64 swap, GError **error)
{
    if (!g->v2[LSB_MEMORY])
        return set_hard_v1(g, hard, swap, error);
    return write_limit_number(g, LSB_MEMORY, "memory.max", hard, error) &&
           (!has_file(g, LSB_MEMORY, "memory.swap.max") ||
            write_limit_number(g, LSB_MEMORY, "memory.swap.max", swap, error));
}

gboolean lsb_groups_set_memory(const LsbGroups *g, const LsbTuning *t, guint64 memory,
                               GError **error)
{
    gboolean v2 = g->v2[LSB_MEMORY];
    guint64 hard = t->hard && memory ? MIN(t->hard, memory) : t->hard ? t->hard : memory;
    if (!hard && t->swap_set)
        hard = read_group_number(g, LSB_MEMORY, v2 ? "memory.max" : "memory.limit_in_bytes");
    if (hard && !set_hard(g, hard, t->swap, error))
        return FALSE;
    return !t->soft || write_limit_number(g, LSB_MEMORY, v2 ? "memory.high" : "memory.soft_limit_in_bytes",
                                  t->soft, error);
}

/* "major:minor" of a block device; caller frees. */
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
    return write_limit(g, LSB_IO, g->v2[LSB_IO] ? "io.max" : file, text, error);
}

/* The scheduler of the device has to know weights: bfq, or the cost model (io.cost). */
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
    while (file[1] && !has_file(g, LSB_IO, *file))
        file++;
    g_autofree char *text =
        g_strdup_printf("%s%s%u", device ? device : "", device ? " " : "", weight);
    return write_limit(g, LSB_IO, *file, text, error);
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

gboolean lsb_groups_set_pids(const LsbGroups *g, guint pids, GError **error)
{
    return write_limit_number(g, LSB_PIDS, "pids.max", pids, error);
}

/* --- seeing --- */

LsbLimitEvents lsb_groups_events(const LsbGroups *g)
{
    return (LsbLimitEvents){
        .oom_kills = read_group_key(
            g, LSB_MEMORY, g->v2[LSB_MEMORY] ? "memory.events" : "memory.oom_control", "oom_kill"),
        .refused_forks = read_group_key(g, LSB_PIDS, "pids.events", "max"),
    };
}

guint64 lsb_groups_memory_peak(const LsbGroups *g)
{
    return read_group_number(g, LSB_MEMORY,
                       g->v2[LSB_MEMORY] ? "memory.peak" : "memory.max_usage_in_bytes");
}

guint64 lsb_groups_pids(const LsbGroups *g)
{
    return read_group_number(g, LSB_PIDS, "pids.current");
}

/* --- the end --- */

static void remove_group(const char *dir)
{
    for (int i = 0; i < GONE_TRIES && rmdir(dir) < 0 && errno == EBUSY; i++)
        g_usleep(GONE_STEP_US);
}

void lsb_groups_end(LsbGroups *g)
{
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++) {
        if (g->ours[c])
            remove_group(g->dir[c]);
        g_free(g->dir[c]);
    }
    *g = (LsbGroups){0};
}
