/*
 * What follows from a description: exports, hidden paths, the guest plan.
 */
#include "plan/planexports.h"
#include "plan/planoverlay.h"
#include "recipe/description.h"
#include "shared/wire.h"
#include "guestplan.h"
#include "plan/plan.h"
#include "planrecipes.h"

/* --- exports and hidden paths --- */

static const struct {
    const char *recipe, *exports;
} exports[] = {
    {"{}", "lsb0 / ro"},
    {"{root_mode = \"overlay\"}",
     "lsb0 / ro"}, /* what is written goes to the overlay, never to the host */
    {"{" FULL "}", "lsb0 @/root ro"},
    {"{" FULL LXC "}", "lsb0 @/root ro"},
    {"{" FULL ", home = \"@/dir\"}", "lsb0 @/root ro|lsb1 @/dir rw"},
    {"{root = \"@/root\", user = \"lena\", home = \"host\"}", "lsb0 @/root ro|lsb1 @/home ro"},
    {"{mounts = {" BIND("dir", "") "}}", "lsb0 / ro|lsb1 @/dir ro"},
    {"{mounts = {" BIND(
         "dir",
         ", readonly = false") ", {type = \"ram\", target = \"/r\"}, "
                               "{type = \"guest-bind\", source = \"/usr\", target = \"/u\"}, " BIND(
                                   "file", "") "}}",
     "lsb0 / ro|lsb1 @/dir rw|lsb2 @/file ro file"},
    {"{" FULL ", home = \"@/home\", mounts = {" BIND("dir", "") "}}",
     "lsb0 @/root ro|lsb1 @/home rw|lsb2 @/dir ro"},
};

static char *show_exports(const LsbDescription *d)
{
    g_autoptr(GPtrArray) list = lsb_plan_exports(d);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const LsbExport *e = list->pdata[i];
        g_string_append_printf(out, "%s%s %s %s%s", i ? "|" : "", e->tag, e->path,
                               e->readonly ? "ro" : "rw", e->is_file ? " file" : "");
    }
    return g_string_free(out, FALSE);
}

static void test_exports(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(exports); i++) {
        g_test_message("%s", exports[i].recipe);
        g_autoptr(LsbDescription) d = describe(exports[i].recipe);
        g_autofree char *got = show_exports(d);
        check_text(got, exports[i].exports);
    }
}

static void test_hidden(void)
{
    g_autoptr(LsbDescription) d = describe("{" FULL "}");
    g_auto(GStrv) hidden = lsb_plan_hidden(d);
    g_autofree char *got = g_strjoinv("|", hidden);
    check_text(got,
               "@/root/proc|@/root/sys|@/root/dev|@/root/run|@/root/tmp|@/root/var/tmp|@/root/home|"
               "@/root/people/anna|@/root/root|@/root@/home");
}

/* The host's own root: nothing relative, nothing doubled, and never the root itself. */
static void test_hidden_of_host(void)
{
    g_autoptr(LsbDescription) d = describe("{}");
    g_auto(GStrv) hidden = lsb_plan_hidden(d);
    g_assert_true(g_strv_contains((const char *const *)hidden, "/proc"));
    g_assert_true(g_strv_contains((const char *const *)hidden, "/home"));
    g_assert_true(g_strv_contains((const char *const *)hidden, "/root"));
    for (char **h = hidden; *h; h++)
        g_assert_true((*h)[0] == '/' && (*h)[1] && !strstr(*h, "//"));
}

/* --- the guest plan --- */

static Plan *plan_of(const char *text, char **sources)
{
    g_autoptr(LsbDescription) d = describe(text);
    g_autoptr(GBytes) bytes = lsb_plan_guest(d, sources, PLAN_SILENCE);
    return decode(bytes);
}

static void check_mounts(const Plan *plan, const char *const *expected)
{
    guint i = 0;
    for (; expected[i]; i++) {
        g_assert_cmpuint(i, <, plan->mounts->len);
        check_text(plan->mounts->pdata[i], expected[i]);
    }
    g_assert_cmpuint(plan->mounts->len, ==, i);
}

/* Half of the memory for each place: 128 MiB of the default 256. */
#define HALF "size=134217728"
#define PLACES                                                                                     \
    "tmpfs - /tmp [" HALF ",mode=1777] nosuid nodev optional",                                     \
        "tmpfs - /var/tmp [" HALF ",mode=1777] nosuid nodev optional",                             \
        "tmpfs - /run [" HALF ",mode=0755] nosuid nodev optional"
/* Every home but anna's; hers comes after them. */
#define HOMES                                                                                      \
    "tmpfs - /home [" HALF ",mode=0755] nosuid nodev optional",                                    \
        "tmpfs - /root [" HALF ",mode=0755] nosuid nodev optional",                                \
        "tmpfs - @/home [" HALF ",mode=0755] nosuid nodev optional"
#define PRIVATE_HOME "tmpfs - /people/anna [" HALF ",mode=0700,uid=1000,gid=100] nosuid nodev"

static void test_home_modes(void)
{
    static const char *const private_home[] = {PLACES, HOMES, PRIVATE_HOME, NULL};
    static const char *const directory[] = {PLACES, HOMES, "9p lsb1 /people/anna nosuid nodev",
                                            NULL};
    static const char *const host[] = {PLACES,
                                       "tmpfs - /home [" HALF ",mode=0755] nosuid nodev optional",
                                       "tmpfs - /people/anna [" HALF
                                       ",mode=0755] nosuid nodev optional",
                                       "tmpfs - /root [" HALF ",mode=0755] nosuid nodev optional",
                                       "9p lsb1 @/home ro nosuid nodev cached",
                                       NULL};
    g_autoptr(Plan) first = plan_of("{" FULL "}", NULL);
    check_mounts(first, private_home);
    g_autoptr(Plan) second = plan_of("{" FULL ", home = \"@/dir\"}", NULL);
    check_mounts(second, directory);
    g_autoptr(Plan) third = plan_of("{root = \"@/root\", user = \"lena\", home = \"host\"}", NULL);
    check_mounts(third, host);
}

#define ALL_KINDS                                                                                  \
    "mounts = {" BIND("dir",                                                                       \
                      ", noexec = true") ", {type = \"ram\", target = \"/r\", size = \"1M\"}, "    \
                                         "{type = \"ram\", target = \"/r/s\", readonly = true}, "  \
                                         "{type = \"guest-bind\", source = \"/usr\", target = "    \
                                         "\"/u\", nosuid = false, nodev = false}, " BIND(          \
                                             "file", ", readonly = false") "}"

static void test_order_of_mounts(void)
{
    static const char *const expected[] = {PLACES,
                                           HOMES,
                                           "9p lsb1 /people/anna nosuid nodev",
                                           "9p lsb2 /m-dir ro nosuid nodev noexec",
                                           "tmpfs - /r [size=1048576,mode=1777] nosuid nodev",
                                           "tmpfs - /r/s [" HALF ",mode=1777] ro nosuid nodev",
                                           "bind /usr /u ro",
                                           "9p lsb3/file /m-file nosuid nodev file",
                                           NULL};
    g_autoptr(Plan) plan = plan_of("{" FULL ", home = \"@/dir\", " ALL_KINDS "}", NULL);
    check_mounts(plan, expected);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "sandbox");
    g_assert_cmpstr(plan->root, ==, WIRE_ROOT_TAG);
}

/* The container's guest init finds mounts by descriptor or path, in the order of the exports. */
static void test_container_sources(void)
{
    static const char *const expected[] = {PLACES,
                                           HOMES,
                                           PRIVATE_HOME,
                                           "placed fd:6 /m-dir ro nosuid nodev",
                                           "placed /dev/.lsandbox/2 /m-file ro nosuid nodev file",
                                           NULL};
    char *sources[] = {"fd:5", "fd:6", "/dev/.lsandbox/2", NULL};
    g_autoptr(Plan) plan = plan_of(
        "{" FULL LXC ", hostname = \"box\", mounts = {" BIND("dir", "") ", " BIND("file", "") "}}",
        sources);
    check_mounts(plan, expected);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "box");
    g_assert_cmpstr(plan->root, ==, "fd:5");
}

static void test_writable_root(void)
{
    g_autoptr(Plan) plan = plan_of("{" FULL ", root_mode = \"overlay\"}", NULL);
    g_assert_cmpuint(plan->flags, ==,
                     WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY | WIRE_PLAN_ROOT_WRITABLE);
}

/*
 * An overlay costs a module and time; it is there only when a mount point is missing, or asked for.
 */
#define RAM(target)        "{type = \"ram\", target = \"" target "\"}"
#define AT(source, target) "{type = \"bind\", source = \"@/" source "\", target = \"" target "\"}"

static const struct {
    const char *recipe;
    gboolean overlay;
} overlays[] = {
    {"{" FULL "}", FALSE},
    {"{" FULL ", root_mode = \"overlay\"}", TRUE},
    {"{" BARE "}",
     TRUE}, /* anna's home is missing; places and masks that are missing are left out */
    {"{root = \"@/bare\", user = 7}", TRUE},
    {"{root = \"@/root\", user = 7}", FALSE}, /* /home/7 is made in the mask over /home */
    {"{" FULL ", mounts = {" RAM("/opt") "}}", FALSE},
    {"{" FULL ", mounts = {" RAM("/none") "}}", TRUE},
    {"{" FULL ", mounts = {" RAM("/opt/none") "}}", TRUE},
    {"{" FULL ", mounts = {" RAM("/tmp/none/deep") "}}", FALSE},
    {"{" FULL ", mounts = {" RAM("/people/anna/x") "}}", FALSE},
    {"{" FULL ", mounts = {" RAM("/people/annabel") "}}", TRUE},
    {"{" FULL ", mounts = {" RAM("/opt") ", " RAM("/opt/none") "}}", FALSE},
    {"{" FULL ", mounts = {" RAM("/opt/none") ", " RAM("/opt") "}}", FALSE},
    {"{" FULL ", mounts = {" RAM("/etc/passwd") "}}",
     TRUE}, /* a file is no place for a directory */
    {"{" FULL ", mounts = {" AT("file", "/etc/passwd") "}}", FALSE},
    {"{" FULL ", dns = \"192.0.2.53\"}", TRUE}, /* there is no resolv.conf */
    {"{" FULL ", mounts = {" AT("file", "/opt") "}}", TRUE},
    {"{" FULL ", mounts = {" AT("file", "/etc/none") "}}", TRUE},
    {"{" FULL ", mounts = {" AT("dir", "/opt") "}}", FALSE},
};

static void test_overlay(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(overlays); i++) {
        g_test_message("%s", overlays[i].recipe);
        g_autoptr(LsbDescription) d = describe(overlays[i].recipe);
        g_assert_cmpint(lsb_plan_needs_overlay(d), ==, overlays[i].overlay);
        g_autoptr(Plan) plan = plan_of(overlays[i].recipe, NULL);
        g_assert_cmpint(!!(plan->flags & WIRE_PLAN_ROOT_OVERLAY), ==, overlays[i].overlay);
        g_assert_cmpint(!!(plan->flags & WIRE_PLAN_ROOT_WRITABLE), ==,
                        d->root_mode == LSB_ROOT_OVERLAY);
    }
}

/* --- the network in the plan --- */

static void test_network(void)
{
    static const char *const expected[] = {
        "eth0 52:54:00:0a:0b:0c 1400 0 addresses: 10.0.0.2/8 - fd00::2/64 - 10.1.0.2/16 10.1.2.3 "
        "routes: 192.0.2.0/24 - ::/0 fe80::1 0.0.0.0/0 10.0.0.1",
        "eth1 52:54:00:00:00:01 0 3 addresses: routes:"};
    g_autoptr(Plan) plan = plan_of("{" FULL NETWORK "}", NULL);
    g_assert_cmpuint(plan->interfaces->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < plan->interfaces->len; i++)
        check_text(plan->interfaces->pdata[i], expected[i]);
    g_assert_false(plan->flags & WIRE_PLAN_LEASE_DNS); /* the recipe names a server */
    g_autoptr(Plan) lease = plan_of("{" FULL LXC ", network = {type = \"network\"}}", NULL);
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
    g_test_add_func("/plan/home-modes", test_home_modes);
    g_test_add_func("/plan/order-of-mounts", test_order_of_mounts);
    g_test_add_func("/plan/container-sources", test_container_sources);
    g_test_add_func("/plan/writable-root", test_writable_root);
    g_test_add_func("/plan/overlay", test_overlay);
    g_test_add_func("/plan/network", test_network);
    int result = g_test_run();
    scratch_remove();
    return result;
}
