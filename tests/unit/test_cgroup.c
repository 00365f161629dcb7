/*
 * Control groups, of the version that this host has: making, filling, reading and removing them.
 * Tests that need groups are skipped where this process may make none. It can also be run in a
 * machine, whose kernel has version 2 (mount -t cgroup2 none /sys/fs/cgroup).
 */
#include "recipe/limitfields.h"
#include "host/cgroup.h"
#include "host/cgrouplimits.h"

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "shared/units.h"

static const guint all = 1u << LSB_CPU | 1u << LSB_MEMORY | 1u << LSB_PIDS;

static char *content(const LsbGroups *g, LsbController c, const char *v1, const char *v2)
{
    g_autofree char *path = g_build_filename(g->dir[c], g->v2[c] ? v2 : v1, NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return g_strstrip(text);
}

static gboolean make(LsbGroups *g)
{
    g_autofree char *name = g_strdup_printf("lsandbox-test-%d", (int)getpid());
    g_autoptr(GError) error = NULL;
    if (lsb_groups_make(g, all, name, "tuning.cpu", NULL, &error))
        return TRUE;
    g_assert_true(g_error_matches(error, LSB_ERROR, LSB_ERROR_UNSUPPORTED));
    g_assert_true(g_str_has_prefix(error->message, "tuning.cpu: "));
    lsb_groups_end(g, NULL);
    g_test_skip(error->message);
    return FALSE;
}

/*
 * Have a child in the groups try to make three children, with two processes allowed. Returns its
 * status: how many were refused.
 */
static int fork_in(const LsbGroups *g)
{
    int gate[2], status;
    g_assert_cmpint(pipe(gate), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        int refused = 0;
        if (read(gate[0], &byte, 1) != 1)
            _exit(99);
        for (int i = 0; i < 3; i++) {
            pid_t child = fork();
            if (child == 0) {
                pause();
                _exit(0);
            }
            refused += child < 0;
        }
        kill(0, SIGTERM); /* only these children are in the process group, see setpgid() below */
        _exit(refused);
    }
    setpgid(pid, pid);
    g_autoptr(GError) error = NULL;
    g_assert_true(lsb_groups_enter(g, pid, &error));
    LsbGroups found = {0};
    lsb_groups_find(&found, pid);
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (g->dir[c])
            g_assert_cmpstr(found.dir[c], ==, g->dir[c]);
    lsb_groups_end(&found, NULL);
    g_assert_cmpuint(lsb_groups_pids(g), ==, 1);
    g_assert_cmpint(write(gate[1], "x", 1), ==, 1);
    waitpid(pid, &status, 0);
    close(gate[0]);
    close(gate[1]);
    return status;
}

static void test_all(void)
{
    LsbGroups g = {0};
    g_autoptr(GError) error = NULL;
    LsbTuning t = {.cpu_shares = 512, .cpu_quota = 0.5, .soft = 32 * MiB};
    if (!make(&g))
        return;
    g_assert_true(lsb_groups_set_cpu(&g, &t, &error));
    g_autofree char *quota = content(&g, LSB_CPU, "cpu.cfs_quota_us", "cpu.max");
    g_assert_cmpstr(quota, ==, g.v2[LSB_CPU] ? "50000 100000" : "50000");
    g_autofree char *shares = content(&g, LSB_CPU, "cpu.shares", "cpu.weight");
    g_assert_cmpstr(shares, ==, g.v2[LSB_CPU] ? "50" : "512");
    /*
     * more, less, and more again, because version 1 needs its limits set in another order each time
     */
    for (guint64 hard = 64; hard != 128; hard = hard == 64 ? 48 : hard == 48 ? 96 : 128) {
        g_assert_true(lsb_groups_set_memory(&g, &t, hard * MiB, &error));
        g_autofree char *text = content(&g, LSB_MEMORY, "memory.limit_in_bytes", "memory.max");
        g_assert_cmpuint(g_ascii_strtoull(text, NULL, 10), ==, hard * MiB);
    }
    g_assert_true(lsb_groups_set_pids(&g, 2, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(lsb_groups_events(&g).refused_forks, ==, 0);
    int status = fork_in(&g);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    g_assert_cmpuint(lsb_groups_events(&g).refused_forks, >=, 2);
    g_assert_cmpuint(lsb_groups_events(&g).oom_kills, ==, 0);
    g_autofree char *dir = g_strdup(g.dir[LSB_PIDS]);
    lsb_groups_end(&g, NULL);
    g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
}

static void test_weights(void)
{
    g_assert_cmpuint(lsb_cgroup_weight(1024), ==, 100);
    g_assert_cmpuint(lsb_cgroup_weight(2), ==, 1);
    g_assert_cmpuint(lsb_cgroup_weight(262144), ==, 10000);
}

static void test_quota(void)
{
    g_assert_cmpuint(lsb_tuning_quota_us(0.5, 100000), ==, 50000);
    g_assert_cmpuint(lsb_tuning_quota_us(2, 50000), ==, 100000);
    g_assert_cmpuint(lsb_tuning_quota_us(25000, 100000), ==, 25000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cgroup/all", test_all);
    g_test_add_func("/cgroup/weights", test_weights);
    g_test_add_func("/cgroup/quota", test_quota);
    return g_test_run();
}
