/*
 * What is read below a root directory is looked up inside that root, is a regular file, and is of a
 * bounded size: whoever made the root made its links, pipes and devices.
 */
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/timezone.h"

enum { PATIENCE_S = 3, MOST_MEMORY = 256 * 1024 * 1024 };

#define ANNA  "anna:x:1000:100:Anna:/people/anna:/bin/sh\n"
#define GROUP "sudo:x:27:anna\nvideo:x:44:anna\n"

/* What is at a path of the root: text; "-> TARGET" a link; "fifo"; "dir"; "big" of 64 MiB. */
static void put(const char *path, const char *what)
{
    enum { BIG = 64 * 1024 * 1024 };
    g_autofree char *full = g_strconcat(scratch, "/root/", path, NULL);
    g_autofree char *dir = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    if (g_str_has_prefix(what, "-> ")) {
        g_autofree char *target = with_scratch(what + 3);
        g_assert_cmpint(symlink(target, full), ==, 0);
    } else if (strcmp(what, "fifo") == 0) {
        g_assert_cmpint(mkfifo(full, 0644), ==, 0);
    } else if (strcmp(what, "dir") == 0) {
        g_assert_cmpint(mkdir(full, 0755), ==, 0);
    } else {
        g_assert_true(g_file_set_contents(full, what, -1, NULL));
    }
    if (strcmp(what, "big") == 0)
        g_assert_cmpint(truncate(full, BIG), ==, 0);
}

typedef struct {
    const char *name;
    const char *path, *what, *path2, *what2; /* of the root */
    gboolean found; /* anna, her groups */
} Case;

static const Case cases[] = {
    {"files", "etc/passwd", ANNA, "etc/group", GROUP, TRUE},
    {"a relative link", "etc/passwd", "-> ../usr/passwd", "usr/passwd", ANNA, TRUE},
    {"an absolute link", "etc/passwd", "-> /usr/passwd", "usr/passwd", ANNA, TRUE},
    {"a link that climbs", "etc/passwd", "-> ../../../../../usr/passwd", "usr/passwd", ANNA, TRUE},
    {"an absolute link of a directory", "etc", "-> /usr/etc", "usr/etc/passwd", ANNA, TRUE},
    {"a link to a file of the host", "etc/passwd", "-> @/host/passwd", "etc/group", GROUP, FALSE},
    {"a directory of the host", "etc", "-> @/host", "x", "", FALSE},
    {"a link that climbs to the host", "etc/passwd", "-> ../../host/passwd", "x", "", FALSE},
    {"a link to itself", "etc/passwd", "-> passwd", "x", "", FALSE},
    {"a pipe", "etc/passwd", "fifo", "etc/group", "fifo", FALSE},
    {"a pipe for the groups", "etc/passwd", ANNA, "etc/group", "fifo", TRUE},
    {"a directory", "etc/passwd", "dir", "etc/group", "dir", FALSE},
    {"a link to a device of the host", "etc/passwd", "-> /dev/zero", "etc/group", "-> /dev/zero", FALSE},
    {"a file that is too big", "etc/passwd", "big", "etc/group", "big", FALSE},
    {"nothing", "usr/x", "", "usr/y", "", FALSE},
};

/* In a child, which may hang, or eat memory. Its status is 0 when all is as expected. */
static int look(gboolean found)
{
    g_autofree char *root = in_scratch("root");
    struct rlimit memory = {MOST_MEMORY, MOST_MEMORY};
    gid_t gid = 0;
    alarm(PATIENCE_S);
    setrlimit(RLIMIT_DATA, &memory);
    LsbIdentity *anna = lsb_identity_new(root, "anna");
    LsbIdentity *number = lsb_identity_new(root, "4711");
    g_auto(GStrv) homes = lsb_identity_homes(root);
    lsb_identity_group(root, "video", &gid);
    gboolean seen = g_strv_contains((const char *const *)homes, "/people/anna");
    if ((anna != NULL) != found || seen != found || !number || number->uid != 4711)
        return 1;
    lsb_identity_free(anna);
    lsb_identity_free(number);
    return 0;
}

static void check_in_child(const char *name, int (*fn)(gboolean), gboolean argument)
{
    int status;
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        _exit(fn(argument));
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (WIFSIGNALED(status))
        g_test_message("%s: ended by signal %d (%d: it hangs)", name, WTERMSIG(status), SIGALRM);
    if (status != 0)
        g_test_message("%s: status %x", name, (unsigned)status), g_test_fail();
}

static void make_root(void)
{
    g_autofree char *root = in_scratch("root");
    if (g_file_test(root, G_FILE_TEST_EXISTS))
        g_assert_cmpint(nftw(root, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
    scratch_dir("root");
}

static void test_identity(gconstpointer data)
{
    const Case *c = data;
    scratch_make();
    scratch_file("host/passwd", ANNA);
    make_root();
    put(c->path, c->what);
    put(c->path2, c->what2);
    check_in_child(c->name, look, c->found);
    scratch_remove();
}

/* --- time zones --- */

static int look_for_zone(gboolean found)
{
    g_autofree char *root = in_scratch("root");
    g_autoptr(GError) error = NULL;
    alarm(PATIENCE_S);
    return lsb_timezone_check(root, "Europe/Berlin", &error) != found;
}

static void test_timezone(void)
{
    static const struct {
        const char *what, *path2, *what2;
        gboolean found;
    } zones[] = {
        {"TZif2", "x", "", TRUE},
        {"-> ../Berlin", "usr/share/zoneinfo/Berlin", "TZif2", TRUE},
        {"-> /etc/zone", "etc/zone", "TZif2", TRUE}, /* of the root, not the host's */
        {"-> @/host/zone", "x", "", FALSE},
        {"fifo", "x", "", FALSE},
        {"-> /dev/zero", "x", "", FALSE},
        {"big", "x", "", FALSE},
    };
    scratch_make();
    scratch_file("host/zone", "TZif2");
    for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
        make_root();
        put("usr/share/zoneinfo/Europe/Berlin", zones[i].what);
        put(zones[i].path2, zones[i].what2);
        check_in_child(zones[i].what, look_for_zone, zones[i].found);
    }
    scratch_remove();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/rootfiles/users/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_identity);
    }
    g_test_add_func("/rootfiles/time zones", test_timezone);
    return g_test_run();
}
