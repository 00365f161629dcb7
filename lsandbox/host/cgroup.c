/* Control groups: finding those of a process, making them, writing and reading their files. */
#include "host/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/directory.h"
#include "base/error.h"
#include "base/limitevents.h"
#include "host/keeper.h"
#include "recipe/limitfields.h"

/* The names of the controllers in version 1 and in version 2. */
static const struct {
    const char *v1, *v2;
} names[LSB_CONTROLLERS] = {
    [LSB_CPU] = {"cpu", "cpu"},
    [LSB_MEMORY] = {"memory", "memory"},
    [LSB_IO] = {"blkio", "io"},
    [LSB_PIDS] = {"pids", "pids"},
};

enum {
    /* A killed process leaves its groups before it is a zombie, its threads a moment after. */
    GONE_TRIES = 100,
    GONE_STEP_US = 5000,
};

/* --- where a process is --- */

/* A control group: the mount of its hierarchy, and the path below that. */
typedef struct {
    char *mount; /* where the hierarchy is mounted */
    char *path;  /* of the process's group below MOUNT; "" for the top */
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
 * Find the last mount of the hierarchy with the version 1 controller V1 (NULL: of version 2): where
 * it is mounted, and which group is the ROOT of that mount. Lines of /proc/self/mountinfo are "id
 * parent dev ROOT MOUNTPOINT options [tags] - TYPE source SUPEROPTIONS" (proc_pid_mountinfo(5)).
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

/* The path in the line of /proc/PID/cgroup for V1 (NULL: for version 2). Caller frees. */
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

/* FALSE for a group outside of the mount, whose PATH has ".." or does not begin with ROOT. */
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
    enum { USUAL_SHARES = 1024, USUAL_WEIGHT = 100, MOST = 10000 };
    guint64 weight = (guint64)shares * USUAL_WEIGHT / USUAL_SHARES;
    return (guint)CLAMP(weight, 1, MOST);
}

/* --- files of a group --- */

/* Returns 0 or an errno. */
static int write_group_file(const char *dir, const char *file, const char *text)
{
    g_autofree char *path = g_build_filename(dir, file, NULL);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, text, strlen(text)) >= 0 ? 0 : errno;
}

gboolean lsb_groups_write(const LsbGroups *g, LsbController c, const char *file, const char *text,
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

gboolean lsb_groups_write_number(const LsbGroups *g, LsbController c, const char *file, guint64 n,
                                 GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    return lsb_groups_write(g, c, file, text, error);
}

gboolean lsb_groups_has_file(const LsbGroups *g, LsbController c, const char *file)
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

guint64 lsb_groups_read_number(const LsbGroups *g, LsbController c, const char *file)
{
    g_autofree char *text = read_group_file(g, c, file);
    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The number behind KEY in lines of "key number". */
static guint64 read_counter(const LsbGroups *g, LsbController c, const char *file, const char *key)
{
    g_autofree char *text = read_group_file(g, c, file);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    gsize n = strlen(key);
    for (char **line = lines; *line; line++)
        if (strncmp(*line, key, n) == 0 && (*line)[n] == ' ')
            return g_ascii_strtoull(*line + n, NULL, 10);
    return 0;
}

/* --- which controllers a group can have --- */

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
 * Version 2: whether DIR gives CONTROLLER to its children, or can be made to. The kernel refuses
 * that (EBUSY) for a group with processes of its own, unless it is the real top of the hierarchy
 * (cgroups(7), "no internal processes").
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

/* Have the groups above the one at PATH give CONTROLLER down to it, from the top on. */
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
 * The first group, from this process's own upwards, that can have a child with CONTROLLERS. They
 * matter in version 2 only, where a process has one group for all of them. Caller frees.
 */
static char *find_parent(const Place *p, guint controllers)
{
    g_autofree char *path = g_strdup(p->path);
    for (;;) {
        g_autofree char *dir = g_strconcat(p->mount, path, NULL);
        if (is_writable_group(dir) && (!p->v2 || gives_all(dir, controllers)))
            return g_steal_pointer(&dir);
        char *slash = strrchr(path, '/');
        if (!slash || !p->v2) /* in version 1 a parent can do no more */
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

/* Make the group NAME for C. V2 has a bit for each needed controller that is of version 2. */
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
    if (lsb_directory_make(dir, 0755) < 0 && errno != EEXIST) {
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
        if (g->ours[c] && !lsb_groups_write_number(g, c, "cgroup.procs", (guint64)pid, error))
            return FALSE;
    return TRUE;
}

/* --- counters --- */

LsbLimitEvents lsb_groups_events(const LsbGroups *g)
{
    return (LsbLimitEvents){
        .oom_kills = read_counter(
            g, LSB_MEMORY, g->v2[LSB_MEMORY] ? "memory.events" : "memory.oom_control", "oom_kill"),
        .refused_forks = read_counter(g, LSB_PIDS, "pids.events", "max"),
    };
}

guint64 lsb_groups_memory_peak(const LsbGroups *g)
{
    return lsb_groups_read_number(g, LSB_MEMORY,
                                  g->v2[LSB_MEMORY] ? "memory.peak" : "memory.max_usage_in_bytes");
}

guint64 lsb_groups_pids(const LsbGroups *g)
{
    return lsb_groups_read_number(g, LSB_PIDS, "pids.current");
}

/* --- the end --- */

static void remove_group(const char *dir)
{
    for (int i = 0; i < GONE_TRIES && rmdir(dir) < 0 && errno == EBUSY; i++)
        g_usleep(GONE_STEP_US);
}

void lsb_groups_end(LsbGroups *g, LsbKeeper *keeper)
{
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++) {
        if (g->ours[c])
            remove_group(g->dir[c]);
        if (g->ours[c] && keeper && access(g->dir[c], F_OK) < 0)
            lsb_keeper_forget_path(keeper, g->dir[c]);
        g_free(g->dir[c]);
    }
    *g = (LsbGroups){0};
}
