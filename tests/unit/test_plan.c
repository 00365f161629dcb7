/*
 * What follows from a description: exports, hidden paths, images, the guest plan.
 *
 * A case is a name, a recipe and the lines that are expected. Recipes quote with '...', so that C
 * needs no backslashes; "@" stands for the scratch directory (planrecipes.h).
 */
#include "plan/guestplan.h"
#include "guestplan.h"
#include "plan/disks.h"
#include "plan/plan.h"
#include "planrecipes.h"
#include "recipe/description.h"
#include "shared/wire.h"

enum { MOST_LINES = 16 };

typedef struct {
    const char *name, *recipe;
    LsbPassing passing;
    const char *expected[MOST_LINES]; /* ended by NULL */
} Case;

/* With the case's name, so that a failure says which one it was. */
static void check_line(const Case *c, const char *got, const char *expected_text)
{
    g_autofree char *expected = with_scratch(expected_text ? expected_text : "(no such line)");
    if (g_strcmp0(got, expected) != 0)
        g_error("%s: expected `%s`, got `%s`", c->name, expected, got);
}

static void check_lines(const Case *c, GPtrArray *got)
{
    guint i = 0;
    for (; i < got->len; i++)
        check_line(c, got->pdata[i], c->expected[i]);
    if (c->expected[i])
        g_error("%s: `%s` is missing", c->name, c->expected[i]);
}

static LsbDescription *describe_quoted(const char *recipe)
{
    g_autofree char *text = g_strdelimit(g_strdup(recipe), "'", '"');
    return describe(text);
}

static LsbDescription *describe_case(const Case *c)
{
    g_test_message("%s", c->name);
    return describe_quoted(c->recipe);
}

/* --- exports and hidden paths --- */

static const Case exports[] = {
    {
        .name = "the host's root",
        .recipe = "{}",
        .expected = {"lsb0 / ro"},
    },
    {
        .name = "a writable root: the overlay gets the writes, never the host",
        .recipe = "{root_mode = 'overlay'}",
        .expected = {"lsb0 / ro"},
    },
    {
        .name = "a root of its own",
        .recipe = "{" FULL "}",
        .expected = {"lsb0 @/root ro"},
    },
    {
        .name = "a container's root, by descriptor",
        .recipe = "{" FULL LXC "}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {"fd:5 @/root ro"},
    },
    {
        .name = "a container's root, by path",
        .recipe = "{" FULL LXC ", home = '@/dir'}",
        .passing = LSB_PASS_PATHS,
        .expected = {"/host @/root ro", "/dev/.lsandbox/1 @/dir rw"},
    },
    {
        .name = "a home that is a directory",
        .recipe = "{" FULL ", home = '@/dir'}",
        .expected = {"lsb0 @/root ro", "lsb1 @/dir rw"},
    },
    {
        .name = "the host's home",
        .recipe = "{root = '@/root', user = 'lena', home = 'host'}",
        .expected = {"lsb0 @/root ro", "lsb1 @/home ro"},
    },
    {
        .name = "a bind",
        .recipe = "{mounts = {" BIND("dir", "") "}}",
        .expected = {"lsb0 / ro", "lsb1 @/dir ro"},
    },
    {
        .name = "binds among mounts that need nothing of the host",
        .recipe = "{mounts = {"
                  BIND("dir", ", readonly = false") ","
                  "{type = 'ram', target = '/r'},"
                  "{type = 'guest-bind', source = '/usr', target = '/u'},"
                  BIND("file", "") "}}",
        .expected = {"lsb0 / ro", "lsb1 @/dir rw", "lsb2 @/file ro file"},
    },
    {
        .name = "a home and a bind",
        .recipe = "{" FULL ", home = '@/home', mounts = {" BIND("dir", "") "}}",
        .expected = {"lsb0 @/root ro", "lsb1 @/home rw", "lsb2 @/dir ro"},
    },
    {
        .name = "an overlay whose writes are kept: its source and what keeps them",
        .recipe = "{" FULL LXC ", mounts = {"
                  "{type = 'overlay', source = '@/dir', target = '/o', upper = '@/home'},"
                  BIND("file", "") "}}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {
            "fd:5 @/root ro",
            "fd:6 @/dir ro",
            "fd:7 @/home/container rw",
            "fd:8 @/file ro file",
        },
    },
    {
        .name = "a root that is an image: the home comes first, and is not taken for the root",
        .recipe = "{root = '@/image', user = 7, home = '@/dir', connect = 'lxc:///'}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {"fd:5 @/dir rw"},
    },
};

static GPtrArray *show_exports(const LsbPlan *plan)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
        g_ptr_array_add(lines, g_strdup_printf("%s %s %s%s", e->name, e->path, e->readonly ? "ro" : "rw",
                                               e->is_file ? " file" : ""));
    }
    return lines;
}

static void test_exports(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(exports); i++) {
        g_autoptr(LsbDescription) d = describe_case(&exports[i]);
        g_autoptr(LsbPlan) plan = lsb_plan_new(d, exports[i].passing);
        g_autoptr(GPtrArray) got = show_exports(plan);
        check_lines(&exports[i], got);
    }
}

static void test_hidden(void)
{
    static const Case hidden = {
        .name = "hidden",
        .recipe = "{" FULL "}",
        .expected = {
            "@/root/proc",
            "@/root/sys",
            "@/root/dev",
            "@/root/run",
            "@/root/tmp",
            "@/root/var/tmp",
            "@/root/home",
            "@/root/people/anna",
            "@/root/root",
            "@/root@/home",
        },
    };
    g_autoptr(LsbDescription) d = describe_case(&hidden);
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, LSB_PASS_TAGS);
    g_autoptr(GPtrArray) got = g_ptr_array_new();
    for (char **h = plan->hidden; *h; h++)
        g_ptr_array_add(got, *h);
    check_lines(&hidden, got);
}

/* The host's own root: nothing relative, nothing doubled, and never the root itself. */
static void test_hidden_of_host(void)
{
    g_autoptr(LsbDescription) d = describe("{}");
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, LSB_PASS_TAGS);
    const char *const *hidden = (const char *const *)plan->hidden;
    g_assert_true(g_strv_contains(hidden, "/proc"));
    g_assert_true(g_strv_contains(hidden, "/home"));
    g_assert_true(g_strv_contains(hidden, "/root"));
    for (const char *const *h = hidden; *h; h++)
        g_assert_true((*h)[0] == '/' && (*h)[1] && !strstr(*h, "//"));
}

/* --- images --- */

#define IMAGES                                                                                     \
    "root = '@/image', user = 7, "                                                                 \
    "mounts = {{type = 'ram', target = '/r'}, {type = 'image', source = '@/image', target = '/i'}}, " \
    "disks = {{tag = 'data', source = '@/image'}}"

static const Case images[] = {
    {
        .name = "a machine has all images as disks",
        .recipe = "{" IMAGES "}",
        .expected = {"vda +root +root", "vdb +2 +2", "vdc data data"},
    },
    {
        .name = "what keeps the writes over the root comes after it",
        .recipe = "{root = '@/root', root_mode = 'overlay', overlay = '@/dir', "
                  "disks = {{tag = 'data', source = '@/image'}}}",
        .expected = {"vda +overlay +overlay", "vdb data data"},
    },
    {
        .name = "a container's host mounts what is to be mounted; descriptors follow those of exports",
        .recipe = "{" IMAGES ", home = '@/dir', connect = 'lxc:///'}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {"- +root fd:6", "- +2 fd:7", "vda data vda"},
    },
};

static GPtrArray *show_disks(const LsbPlan *plan)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbPlanDisk *p = plan->disks->pdata[i];
        g_ptr_array_add(lines, g_strdup_printf("%s %s %s", p->dev ? p->dev : "-", p->serial, p->name));
    }
    return lines;
}

static void test_disks(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(images); i++) {
        g_autoptr(LsbDescription) d = describe_case(&images[i]);
        g_autoptr(LsbPlan) plan = lsb_plan_new(d, images[i].passing);
        g_autoptr(GPtrArray) got = show_disks(plan);
        check_lines(&images[i], got);
        g_assert_true(lsb_disks_any(d));
    }
    g_autoptr(LsbDescription) none = describe("{}");
    g_assert_false(lsb_disks_any(none));
}

/* --- the guest plan --- */

static Plan *plan_of(const char *recipe, LsbPassing passing)
{
    g_autoptr(LsbDescription) d = describe_quoted(recipe);
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, passing);
    g_autoptr(GBytes) bytes = lsb_plan_guest(plan, PLAN_SILENCE);
    return decode(bytes);
}

static Plan *plan_of_case(const Case *c)
{
    g_test_message("%s", c->name);
    return plan_of(c->recipe, c->passing);
}

/* Half of the memory for each place: 128 MiB of the default 256. */
#define HALF "size=134217728"

#define PLACES                                                                                     \
    "tmpfs - /tmp [" HALF ",mode=1777] nosuid nodev optional",                                     \
    "tmpfs - /var/tmp [" HALF ",mode=1777] nosuid nodev optional",                                 \
    "tmpfs - /run [" HALF ",mode=0755] nosuid nodev optional"

#define COVERED(home) "tmpfs - " home " [" HALF ",mode=0755] nosuid nodev optional"

/* Every home but anna's; hers comes after them. */
#define HOMES        COVERED("/home"), COVERED("/root"), COVERED("@/home")
#define PRIVATE_HOME "tmpfs - /people/anna [" HALF ",mode=0700,uid=1000,gid=100] nosuid nodev"

static const Case mounts[] = {
    {
        .name = "a private home",
        .recipe = "{" FULL "}",
        .expected = {PLACES, HOMES, PRIVATE_HOME},
    },
    {
        .name = "a home that is a directory",
        .recipe = "{" FULL ", home = '@/dir'}",
        .expected = {PLACES, HOMES, "9p lsb1 /people/anna nosuid nodev"},
    },
    {
        .name = "the host's home",
        .recipe = "{root = '@/root', user = 'lena', home = 'host'}",
        .expected = {
            PLACES,
            COVERED("/home"),
            COVERED("/people/anna"),
            COVERED("/root"),
            "9p lsb1 @/home ro nosuid nodev cached",
        },
    },
    {
        .name = "all kinds of mounts, in the recipe's order",
        .recipe = "{" FULL ", home = '@/dir', mounts = {"
                  BIND("dir", ", noexec = true") ","
                  "{type = 'ram', target = '/r', size = '1M'},"
                  "{type = 'ram', target = '/r/s', readonly = true},"
                  "{type = 'guest-bind', source = '/usr', target = '/u', nosuid = false, nodev = false},"
                  BIND("file", ", readonly = false") "}}",
        .expected = {
            PLACES,
            HOMES,
            "9p lsb1 /people/anna nosuid nodev",
            "9p lsb2 /m-dir ro nosuid nodev noexec",
            "tmpfs - /r [size=1048576,mode=1777] nosuid nodev",
            "tmpfs - /r/s [" HALF ",mode=1777] ro nosuid nodev",
            "bind /usr /u ro",
            "9p lsb3/file /m-file nosuid nodev file",
        },
    },
    {
        .name = "a container's mounts, by descriptor",
        .recipe = "{" FULL LXC ", mounts = {" BIND("dir", "") ", " BIND("file", "") "}}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {
            PLACES,
            HOMES,
            PRIVATE_HOME,
            "placed fd:6 /m-dir ro nosuid nodev",
            "placed fd:7 /m-file ro nosuid nodev file",
        },
    },
    {
        .name = "a container's mounts, by path",
        .recipe = "{" FULL LXC ", mounts = {" BIND("dir", "") ", " BIND("file", "") "}}",
        .passing = LSB_PASS_PATHS,
        .expected = {
            PLACES,
            HOMES,
            PRIVATE_HOME,
            "placed /dev/.lsandbox/1 /m-dir ro nosuid nodev",
            "placed /dev/.lsandbox/2 /m-file ro nosuid nodev file",
        },
    },
    {
        .name = "a container's image among binds, an overlay and its upper",
        .recipe = "{" FULL LXC ", mounts = {"
                  "{type = 'image', source = '@/image', target = '/i'},"
                  "{type = 'overlay', source = '@/dir', target = '/o', upper = '@/home'},"
                  BIND("dir", "") "}}",
        .passing = LSB_PASS_DESCRIPTORS,
        .expected = {
            PLACES,
            HOMES,
            PRIVATE_HOME,
            "placed fd:9 /i ro nosuid nodev",
            "overlay fd:6 /o [uid=1000,gid=100,upper=fd:7] nosuid nodev",
            "placed fd:8 /m-dir ro nosuid nodev",
        },
    },
};

static void test_mounts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++) {
        g_autoptr(Plan) plan = plan_of_case(&mounts[i]);
        check_lines(&mounts[i], plan->mounts);
    }
}

static void test_machine_head(void)
{
    g_autoptr(Plan) plan = plan_of("{" FULL ", mounts = {" BIND("dir", "") "}}", LSB_PASS_TAGS);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "sandbox");
    g_assert_cmpstr(plan->root, ==, WIRE_ROOT_TAG);
}

static void test_container_head(void)
{
    static const char text[] = "{" FULL LXC ", hostname = 'box', mounts = {" BIND("dir", "") "}}";
    g_autoptr(Plan) plan = plan_of(text, LSB_PASS_DESCRIPTORS);
    g_autoptr(Plan) by_path = plan_of(text, LSB_PASS_PATHS);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "box");
    g_assert_cmpstr(plan->root, ==, "fd:5");
    g_assert_cmpstr(by_path->root, ==, "/host");
}

static void test_writable_root(void)
{
    g_autoptr(Plan) plan = plan_of("{" FULL ", root_mode = 'overlay'}", LSB_PASS_TAGS);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY | WIRE_PLAN_ROOT_WRITABLE);
}

/* An overlay costs a module and time; it is there only when a mount point is missing, or asked for. */
#define RAM(target)        "{type = 'ram', target = '" target "'}"
#define AT(source, target) "{type = 'bind', source = '@/" source "', target = '" target "'}"

static const struct {
    const char *name, *recipe;
    gboolean overlay;
} overlays[] = {
    {"every mount point is there", "{" FULL "}", FALSE},
    {"asked for", "{" FULL ", root_mode = 'overlay'}", TRUE},
    {"anna's home is missing; other places that are missing are left out", "{" BARE "}", TRUE},
    {"a home in a root without any", "{root = '@/bare', user = 7}", TRUE},
    {"/home/7 is made in the mask over /home", "{root = '@/root', user = 7}", FALSE},
    {"a directory that is there", "{" FULL ", mounts = {" RAM("/opt") "}}", FALSE},
    {"a missing one", "{" FULL ", mounts = {" RAM("/none") "}}", TRUE},
    {"a missing one below one that is there", "{" FULL ", mounts = {" RAM("/opt/none") "}}", TRUE},
    {"a missing one below a private place", "{" FULL ", mounts = {" RAM("/tmp/none/deep") "}}", FALSE},
    {"a missing one in the home", "{" FULL ", mounts = {" RAM("/people/anna/x") "}}", FALSE},
    {"a path that only begins as the home", "{" FULL ", mounts = {" RAM("/people/annabel") "}}", TRUE},
    {"below an earlier mount", "{" FULL ", mounts = {" RAM("/opt") ", " RAM("/opt/none") "}}", FALSE},
    {"below a later mount, which is made first", "{" FULL ", mounts = {" RAM("/opt/none") ", " RAM("/opt") "}}", FALSE},
    {"a file is no place for a directory", "{" FULL ", mounts = {" RAM("/etc/passwd") "}}", TRUE},
    {"a file over a file", "{" FULL ", mounts = {" AT("file", "/etc/passwd") "}}", FALSE},
    {"resolv.conf is missing", "{" FULL ", dns = '192.0.2.53'}", TRUE},
    {"a directory is no place for a file", "{" FULL ", mounts = {" AT("file", "/opt") "}}", TRUE},
    {"a missing file", "{" FULL ", mounts = {" AT("file", "/etc/none") "}}", TRUE},
    {"a directory over a directory", "{" FULL ", mounts = {" AT("dir", "/opt") "}}", FALSE},
};

static void test_overlay(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(overlays); i++) {
        g_test_message("%s", overlays[i].name);
        g_autoptr(LsbDescription) d = describe_quoted(overlays[i].recipe);
        g_autoptr(LsbPlan) plan = lsb_plan_new(d, LSB_PASS_TAGS);
        g_assert_cmpint(plan->needs_overlayfs, ==, overlays[i].overlay);
        g_autoptr(Plan) guest = plan_of(overlays[i].recipe, LSB_PASS_TAGS);
        g_assert_cmpint(!!(guest->flags & WIRE_PLAN_ROOT_OVERLAY), ==, overlays[i].overlay);
        g_assert_cmpint(!!(guest->flags & WIRE_PLAN_ROOT_WRITABLE), ==, d->root_mode == LSB_ROOT_OVERLAY);
    }
}

/* --- the network in the plan --- */

static void test_network(void)
{
    static const Case network = {
        .name = "network",
        .recipe = "{" FULL NETWORK "}",
        .expected = {
            "eth0 52:54:00:0a:0b:0c 1400 0 addresses: 10.0.0.2/8 - fd00::2/64 - 10.1.0.2/16 10.1.2.3 "
            "routes: 192.0.2.0/24 - ::/0 fe80::1 0.0.0.0/0 10.0.0.1",
            "eth1 52:54:00:00:00:01 0 3 addresses: routes:",
        },
    };
    g_autoptr(Plan) plan = plan_of_case(&network);
    check_lines(&network, plan->interfaces);
    g_assert_false(plan->flags & WIRE_PLAN_LEASE_DNS); /* the recipe names a server */
    g_autoptr(Plan) lease = plan_of("{" FULL LXC ", network = {type = 'network'}}", LSB_PASS_DESCRIPTORS);
    g_assert_true(lease->flags & WIRE_PLAN_LEASE_DNS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    plan_files_make();
    g_test_add_func("/plan/exports", test_exports);
    g_test_add_func("/plan/hidden", test_hidden);
    g_test_add_func("/plan/hidden-of-host", test_hidden_of_host);
    g_test_add_func("/plan/disks", test_disks);
    g_test_add_func("/plan/mounts", test_mounts);
    g_test_add_func("/plan/machine-head", test_machine_head);
    g_test_add_func("/plan/container-head", test_container_head);
    g_test_add_func("/plan/writable-root", test_writable_root);
    g_test_add_func("/plan/overlay", test_overlay);
    g_test_add_func("/plan/network", test_network);
    int result = g_test_run();
    scratch_remove();
    return result;
}
