/*
 * What follows from a description: exports, hidden paths, the guest plan (decoded with the reader
 * that the guest uses), and the domain XML (parsed again, and held against libvirt's own schema).
 */
#include <arpa/inet.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <unistd.h>

#include "description.h"
#include "domainxml.h"
#include "devices.h"
#include "plan.h"
#include "recipe.h"
#include "schema.h"

/* Root "@/root" has every mount point, "@/bare" has none; both have the same users. */
#define FULL "root = \"@/root\", user = \"anna\""
#define BARE "root = \"@/bare\", user = \"anna\""
#define LXC  ", connect = \"lxc:///\""

static LsbDescription *describe(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) value = recipe(text);
    LsbDescription *d = lsb_description_new(value, &error);
    g_assert_no_error(error);
    return d;
}

static void check_text(const char *got, const char *expected_text)
{
    g_autofree char *expected = with_scratch(expected_text);
    g_assert_cmpstr(got, ==, expected);
}

/* --- exports and hidden paths ------------------------------------------------------------------
 */

#define BIND(source, rest)                                                                         \
    "{type = \"bind\", source = \"@/" source "\", target = \"/m-" source "\"" rest "}"

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

/* --- the guest plan ----------------------------------------------------------------------------
 */

enum { SILENCE = 4 };

typedef struct {
    guint32 flags;
    char *hostname, *domainname, *timezone, *root;
    /* of char *, a mount and an interface as one line of text */
    GPtrArray *modules, *mounts, *interfaces;
} Plan;

static void show_flags(GString *out, guint32 flags)
{
    static const char *const names[] = {"ro",   "nosuid",   "nodev", "noexec",
                                        "file", "optional", "cached"};
    g_assert_cmpuint(flags >> G_N_ELEMENTS(names), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (flags & 1u << i)
            g_string_append_printf(out, " %s", names[i]);
}

/* `KIND SOURCE TARGET [OPTIONS] flags`; an empty source shows as "-". */
static char *decode_mount(struct wire_reader *r)
{
    static const char *const kinds[] = {"?",    "9p",   "tmpfs",   "bind",   "placed",
                                        "text", "disk", "overlay", "include"};
    guint32 kind = wire_get_u32(r), flags = wire_get_u32(r);
    g_autofree char *source = wire_get_str(r), *target = wire_get_str(r),
                    *options = wire_get_str(r);
    g_assert_false(r->failed);
    g_assert_cmpuint(kind, <, G_N_ELEMENTS(kinds));
    GString *out = g_string_new(kinds[kind]);
    g_string_append_printf(out, " %s %s", *source ? source : "-", target);
    if (*options)
        g_string_append_printf(out, " [%s]", options);
    show_flags(out, flags);
    return g_string_free(out, FALSE);
}

static void decode_ip(struct wire_reader *r, GString *out, gboolean prefix)
{
    char text[INET6_ADDRSTRLEN] = "-";
    size_t size = 0;
    const guint8 *bytes = wire_get_data(r, &size);
    g_assert_true(size == 0 || size == 4 || size == 16);
    if (size)
        inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    g_string_append_printf(out, " %s", text);
    if (prefix)
        g_string_append_printf(out, "/%u", wire_get_u32(r));
}

/* `NAME MAC MTU flags addresses: ADDRESS/PREFIX BROADCAST ... routes: TO/PREFIX VIA ...` */
static char *decode_interface(struct wire_reader *r)
{
    GString *out = g_string_new(NULL);
    size_t size;
    const guint8 *mac = wire_get_data(r, &size);
    g_assert_cmpuint(size, ==, LSB_MAC);
    g_autofree char *mac_text = lsb_mac_text(mac);
    g_autofree char *name = wire_get_str(r);
    guint32 mtu = wire_get_u32(r), flags = wire_get_u32(r);
    g_string_append_printf(out, "%s %s %u %u addresses:", name, mac_text, mtu, flags);
    for (guint n = wire_get_u32(r); n; n--) {
        decode_ip(r, out, TRUE);
        decode_ip(r, out, FALSE);
    }
    g_string_append(out, " routes:");
    for (guint n = wire_get_u32(r); n; n--) {
        decode_ip(r, out, TRUE);
        decode_ip(r, out, FALSE);
    }
    g_assert_false(r->failed);
    return g_string_free(out, FALSE);
}

/* Time and seed may follow the interfaces. */
static void decode_rest(struct wire_reader *r)
{
    if (r->at == r->end)
        return;
    size_t len;
    wire_get_u64(r);
    wire_get_data(r, &len);
    g_assert_false(r->failed);
    g_assert_true(r->at == r->end);
}

static Plan *decode(GBytes *bytes)
{
    gsize len;
    const guint8 *data = g_bytes_get_data(bytes, &len);
    struct wire_reader r = {data, data + len, false};
    Plan *plan = g_new0(Plan, 1);
    plan->modules = g_ptr_array_new_with_free_func(free);
    plan->mounts = g_ptr_array_new_with_free_func(g_free);
    plan->interfaces = g_ptr_array_new_with_free_func(g_free);
    plan->flags = wire_get_u32(&r);
    plan->hostname = wire_get_str(&r);
    plan->domainname = wire_get_str(&r);
    plan->timezone = wire_get_str(&r);
    plan->root = wire_get_str(&r);
    g_assert_cmpuint(wire_get_u64(&r), >, 0); /* overlay */
    g_assert_cmpuint(wire_get_u64(&r), >, 0); /* shm */
    g_assert_cmpuint(wire_get_u32(&r), ==, LSB_USUAL_PIDS);
    for (guint32 n = wire_get_u32(&r); n > 0 && !r.failed; n--)
        g_ptr_array_add(plan->modules, wire_get_str(&r));
    for (guint32 n = wire_get_u32(&r); n > 0 && !r.failed; n--)
        g_ptr_array_add(plan->mounts, decode_mount(&r));
    for (guint32 n = wire_get_u32(&r); n > 0 && !r.failed; n--)
        g_ptr_array_add(plan->interfaces, decode_interface(&r));
    g_assert_cmpuint(wire_get_u32(&r), ==, LSB_LEASE_SECONDS + SILENCE);
    g_assert_false(r.failed);
    g_free(wire_get_str(&r));                  /* filesystem of the root */
    g_assert_cmpuint(wire_get_u32(&r), ==, 0); /* disks */
    g_free(wire_get_str(&r));                  /* disk of the overlay */
    decode_rest(&r);
    return plan;
}

static void plan_free(Plan *plan)
{
    free(plan->hostname);
    free(plan->domainname);
    free(plan->timezone);
    free(plan->root);
    g_ptr_array_unref(plan->modules);
    g_ptr_array_unref(plan->mounts);
    g_ptr_array_unref(plan->interfaces);
    g_free(plan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

static Plan *plan_of(const char *text, char **modules, char **sources)
{
    g_autoptr(LsbDescription) d = describe(text);
    g_autoptr(GBytes) bytes = lsb_plan_guest(d, modules, NULL, sources, SILENCE);
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
    g_autoptr(Plan) first = plan_of("{" FULL "}", NULL, NULL);
    check_mounts(first, private_home);
    g_autoptr(Plan) second = plan_of("{" FULL ", home = \"@/dir\"}", NULL, NULL);
    check_mounts(second, directory);
    g_autoptr(Plan) third =
        plan_of("{root = \"@/root\", user = \"lena\", home = \"host\"}", NULL, NULL);
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
    g_autoptr(Plan) plan = plan_of("{" FULL ", home = \"@/dir\", " ALL_KINDS "}", NULL, NULL);
    check_mounts(plan, expected);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "sandbox");
    g_assert_cmpstr(plan->root, ==, WIRE_ROOT_TAG);
    g_assert_cmpuint(plan->modules->len, ==, 0);
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
        NULL, sources);
    check_mounts(plan, expected);
    g_assert_cmpuint(plan->flags, ==, WIRE_PLAN_ROOT_OVERLAY);
    g_assert_cmpstr(plan->hostname, ==, "box");
    g_assert_cmpstr(plan->root, ==, "fd:5");
}

static void test_modules(void)
{
    char *modules[] = {"overlay.ko", "other.ko", NULL};
    g_autoptr(Plan) without = plan_of("{" FULL "}", modules, NULL);
    g_assert_cmpuint(without->modules->len, ==, 0);
    g_autoptr(Plan) with = plan_of("{" FULL ", root_mode = \"overlay\"}", modules, NULL);
    g_assert_cmpuint(with->modules->len, ==, 2);
    g_assert_cmpstr(with->modules->pdata[0], ==, "overlay.ko");
    g_assert_cmpstr(with->modules->pdata[1], ==, "other.ko");
    g_assert_cmpuint(with->flags, ==,
                     WIRE_PLAN_MACHINE | WIRE_PLAN_ROOT_OVERLAY | WIRE_PLAN_ROOT_WRITABLE);
}

/* An overlay costs a module and time; it is there only when a mount point is missing, or asked for.
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
        g_autoptr(Plan) plan = plan_of(overlays[i].recipe, NULL, NULL);
        g_assert_cmpint(!!(plan->flags & WIRE_PLAN_ROOT_OVERLAY), ==, overlays[i].overlay);
        g_assert_cmpint(!!(plan->flags & WIRE_PLAN_ROOT_WRITABLE), ==,
                        d->root_mode == LSB_ROOT_OVERLAY);
    }
}

/* --- the network in the plan -------------------------------------------------------------------
 */

#define NETWORK                                                                                    \
    ", dns = \"192.0.2.53\", hosts = {alpha = \"192.0.2.1\"}, network = {"                         \
    "{type = \"bridge\", source = \"br0\", mac = \"52:54:00:0A:0b:0c\", mtu = 1400, "              \
    "addresses = {\"10.0.0.2/8\", \"fd00::2/64\", {address = \"10.1.0.2\", prefix = 16, "          \
    "broadcast = \"10.1.2.3\"}}, gateway = \"10.0.0.1\", "                                         \
    "routes = {{to = \"192.0.2.0/24\"}, {to = \"default\", via = \"fe80::1\"}}, "                  \
    "bandwidth = {inbound = {average = \"1M\", peak = 5000000, burst = \"64K\"}, outbound = 1}}, " \
    "{type = \"bridge\", source = \"br1\", mac = \"52:54:00:00:00:01\"}}"

static void test_network(void)
{
    static char *modules[] = {(char *)"overlay.ko", NULL};
    static const char *const expected[] = {
        "eth0 52:54:00:0a:0b:0c 1400 0 addresses: 10.0.0.2/8 - fd00::2/64 - 10.1.0.2/16 10.1.2.3 "
        "routes: 192.0.2.0/24 - ::/0 fe80::1 0.0.0.0/0 10.0.0.1",
        "eth1 52:54:00:00:00:01 0 3 addresses: routes:"};
    g_autoptr(Plan) plan = plan_of("{" FULL NETWORK "}", modules, NULL);
    g_assert_cmpuint(plan->interfaces->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < plan->interfaces->len; i++)
        check_text(plan->interfaces->pdata[i], expected[i]);
    g_assert_false(plan->flags & WIRE_PLAN_LEASE_DNS); /* the recipe names a server */
    g_autoptr(Plan) lease =
        plan_of("{" FULL LXC ", network = {type = \"network\"}}", modules, NULL);
    g_assert_true(lease->flags & WIRE_PLAN_LEASE_DNS);
}

/* --- the domain XML ----------------------------------------------------------------------------
 */

/* Names as nasty as a file system and a recipe take them. */
#define NASTY        "a&b <c> \"d\" 'e' ]]>;,=%41"
#define NASTY_IN_LUA "a&b <c> \\\"d\\\" 'e' ]]>;,=%41"

static const LsbDomainParts machine_parts = {.accel = LSB_ACCEL_TCG,
                                             .emulator = "/opt/" NASTY "/qemu",
                                             .firmware = "/usr/share/qemu/" NASTY ".rom",
                                             .kernel = "/cache/" NASTY "/kernel",
                                             .initrd = "/cache/" NASTY "/initrd",
                                             .relay = "/run/" NASTY "/relay",
                                             .console = "/run/" NASTY "/console",
                                             .jail = "/run/" NASTY "/jail",
                                             .no_label = TRUE};
static const LsbDomainParts plain_kvm_parts = {
    .accel = LSB_ACCEL_KVM, .kernel = "/k", .initrd = "/i"};
static const LsbDomainParts by_fd_parts = {.skeleton = "/run/" NASTY "/skeleton",
                                           .init = "/lsandbox-init",
                                           .uids = {{{0, 100000, 65536}}, 1},
                                           .gids = {{{0, 100000, 65536}}, 1}};
static const LsbDomainParts by_path_parts = {
    .skeleton = "/skeleton", .init = "/lsandbox-init", .root_mount = "/dev/.lsandbox/root"};

#define MACHINE_RECIPE                                                                             \
    "{" FULL ", name = \"box\", memory = \"300M\", vcpus = 2, home = \"@/dir\", "                  \
    "kernel = {cmdline = \"lsb.test=" NASTY_IN_LUA "\"}, mounts = {"                               \
    "{type = \"bind\", source = \"@/" NASTY_IN_LUA                                                 \
    "\", target = \"/n\", readonly = false}, " BIND("file", "") "}}"
#define CONTAINER_RECIPE                                                                           \
    "{" FULL LXC ", name = \"box\", mounts = {"                                                    \
    "{type = \"bind\", source = \"@/" NASTY_IN_LUA "\", target = \"/n\", readonly = false}}}"

#define FILTERED                                                                                   \
    ", network = {{type = \"network\", filter = {name = \"clean-traffic\", "                       \
    "parameters = {IP = {\"10.0.0.1\", \"10.0.0.2\"}, PORT = 80}}}}"

/* Devices of a sysfs of the test's own (devices.h). */
#define PASSTHROUGH_RECIPE                                                                         \
    "{qemu = {args = {\"-x\", \"" NASTY_IN_LUA "\"}, env = {A = \"b=" NASTY_IN_LUA "\"}}, "        \
    "graphics = {type = \"vnc\", password = \"<&>\"}, labels = {a = \"" NASTY_IN_LUA "\"}, "       \
    "devices = {{type = \"usb\", vendor = 4660, product = 22136}, "                                \
    "{type = \"pci\", address = \"0000:02:1f.5\", managed = true}, "                               \
    "{type = \"pci\", address = \"0000:03:00.0\"}}}"
#define TCP_RECIPE "{graphics = {type = \"spice\", listen = \"::1\", port = 5999}}"
static const LsbDomainParts passthrough_parts = {
    .accel = LSB_ACCEL_TCG, .kernel = "/k", .initrd = "/i", .display = "/run/" NASTY "/display"};

typedef enum {
    MACHINE,
    PLAIN_KVM,
    BY_FD,
    BY_PATH,
    NET_MACHINE,
    NET_CONTAINER,
    PASSTHROUGH,
    TCP,
    VARIANTS
} Variant;

static const struct {
    const char *recipe;
    const LsbDomainParts *parts;
} variants[VARIANTS] = {
    [MACHINE] = {MACHINE_RECIPE, &machine_parts},
    [PLAIN_KVM] = {"{}", &plain_kvm_parts},
    [BY_FD] = {CONTAINER_RECIPE, &by_fd_parts},
    [BY_PATH] = {CONTAINER_RECIPE, &by_path_parts},
    [NET_MACHINE] = {"{" FULL NETWORK "}", &machine_parts},
    [NET_CONTAINER] = {"{" FULL LXC FILTERED "}", &by_fd_parts},
    [PASSTHROUGH] = {PASSTHROUGH_RECIPE, &passthrough_parts},
    [TCP] = {TCP_RECIPE, &passthrough_parts},
};

/* Each XPath 1.0 expression as a string: a value, or a count. */
static const struct {
    Variant variant;
    const char *path, *expected;
} xml[] = {
    {NET_MACHINE, "count(/domain/devices/interface)", "2"},
    {NET_MACHINE, "/domain/devices/interface[1]/@type", "bridge"},
    {NET_MACHINE, "/domain/devices/interface[1]/source/@bridge", "br0"},
    {NET_MACHINE, "/domain/devices/interface[1]/mac/@address", "52:54:00:0a:0b:0c"},
    {NET_MACHINE, "/domain/devices/interface[1]/model/@type", "virtio"},
    {NET_MACHINE, "/domain/devices/interface[1]/mtu/@size", "1400"},
    {NET_MACHINE, "/domain/devices/interface[1]/rom/@enabled", "no"},
    {NET_MACHINE, "/domain/devices/interface[1]/bandwidth/inbound/@average", "1048"},
    {NET_MACHINE, "/domain/devices/interface[1]/bandwidth/inbound/@peak", "5000"},
    {NET_MACHINE, "/domain/devices/interface[1]/bandwidth/inbound/@burst", "64"},
    {NET_MACHINE, "/domain/devices/interface[1]/bandwidth/outbound/@average", "1"},
    {NET_MACHINE, "contains(/domain/os/cmdline, 'ipv6.disable')", "false"},
    {MACHINE, "contains(/domain/os/cmdline, 'ipv6.disable=1')", "true"},
    {NET_CONTAINER, "/domain/devices/interface/source/@network", "default"},
    {NET_CONTAINER, "count(/domain/devices/interface/model)", "0"},
    {NET_CONTAINER, "starts-with(/domain/devices/interface/target/@dev, 'lsb')", "true"},
    {NET_CONTAINER, "/domain/devices/interface/filterref/@filter", "clean-traffic"},
    {NET_CONTAINER, "count(/domain/devices/interface/filterref/parameter[@name='IP'])", "2"},
    {NET_CONTAINER, "/domain/devices/interface/filterref/parameter[@name='PORT']/@value", "80"},
    {MACHINE, "/domain/@type", "qemu"},
    {MACHINE, "/domain/name", "box"},
    {MACHINE, "/domain/memory", "314572800"},
    {MACHINE, "/domain/memory/@unit", "b"},
    {MACHINE, "/domain/vcpu", "2"},
    {MACHINE, "/domain/os/type", "hvm"},
    {MACHINE, "/domain/os/type/@arch", "x86_64"},
    {MACHINE, "/domain/os/loader", "/usr/share/qemu/" NASTY ".rom"},
    {MACHINE, "/domain/os/loader/@type", "rom"},
    {MACHINE, "/domain/os/kernel", "/cache/" NASTY "/kernel"},
    {MACHINE, "/domain/os/initrd", "/cache/" NASTY "/initrd"},
    {MACHINE, "contains(/domain/os/cmdline, ' rodata=off ')", "true"},
    {MACHINE, "contains(/domain/os/cmdline, 'noreplace-smp')", "false"},
    {MACHINE, "substring-after(/domain/os/cmdline, 'lsb.test=')", NASTY},
    {MACHINE, "count(/domain/cpu)", "0"},
    {MACHINE, "string(/domain/on_poweroff)", "destroy"},
    {MACHINE, "string(/domain/on_reboot)", "destroy"},
    {MACHINE, "string(/domain/on_crash)", "destroy"},
    {MACHINE, "/domain/devices/emulator", "/opt/" NASTY "/qemu"},
    {MACHINE, "count(/domain/devices/filesystem)", "4"},
    {MACHINE, "count(/domain/devices/filesystem[@accessmode='squash'][@multidevs='remap'])", "4"},
    {MACHINE, "/domain/devices/filesystem[1]/source/@dir", "@/root"},
    {MACHINE, "/domain/devices/filesystem[1]/target/@dir", "lsb0"},
    {MACHINE, "count(/domain/devices/filesystem[1]/readonly)", "1"},
    {MACHINE, "/domain/devices/filesystem[2]/source/@dir", "@/dir"},
    {MACHINE, "count(/domain/devices/filesystem[2]/readonly)", "0"},
    {MACHINE, "/domain/devices/filesystem[3]/source/@dir", "@/" NASTY},
    {MACHINE, "/domain/devices/filesystem[3]/target/@dir", "lsb2"},
    {MACHINE, "count(/domain/devices/filesystem[3]/readonly)", "0"},
    {MACHINE, "/domain/devices/filesystem[4]/source/@dir", "@"}, /* a file comes by its directory */
    {MACHINE, "/domain/devices/filesystem[4]/target/@dir", "lsb3"},
    {MACHINE, "count(/domain/devices/filesystem[4]/readonly)", "1"},
    {MACHINE, "/domain/devices/serial/@type", "file"},
    {MACHINE, "/domain/devices/serial/source/@path", "/run/" NASTY "/console"},
    {MACHINE, "/domain/devices/channel/source/@path", "/run/" NASTY "/relay"},
    {MACHINE, "/domain/devices/channel/source/@mode", "bind"},
    {MACHINE, "/domain/devices/channel/target/@name", WIRE_PORT_NAME},
    {MACHINE,
     "count(/domain/devices/*[self::interface or self::graphics or self::video or self::input])",
     "0"},
    {MACHINE, "/domain/devices/memballoon/@model", "none"},
    {MACHINE, "/domain/devices/controller[@type='usb']/@model", "none"},
    {MACHINE, "/domain/seclabel/@type", "none"},
    {MACHINE, "/domain/qemu:commandline/qemu:env[@name='LSANDBOX_JAIL']/@value",
     "/run/" NASTY "/jail"},
    {MACHINE, "/domain/qemu:capabilities/qemu:del/@capability", "cpu-unavailable-features"},

    {PLAIN_KVM, "/domain/@type", "kvm"},
    {PLAIN_KVM, "/domain/memory", "268435456"},
    {PLAIN_KVM, "count(/domain/os/loader)", "0"},
    {PLAIN_KVM, "contains(/domain/os/cmdline, 'rodata')", "false"},
    {PLAIN_KVM, "contains(/domain/os/cmdline, 'noreplace-smp')", "true"},
    {PLAIN_KVM, "/domain/cpu/@mode", "host-passthrough"},
    {PLAIN_KVM, "count(/domain/cpu/feature[@policy='disable'][@name='vmx' or @name='svm'])", "2"},
    {PLAIN_KVM, "count(/domain/devices/emulator)", "0"},
    {PLAIN_KVM, "count(/domain/devices/filesystem)", "1"},
    {PLAIN_KVM, "/domain/devices/filesystem/source/@dir", "/"},
    {PLAIN_KVM, "/domain/devices/serial/@type", "pty"},
    {PLAIN_KVM, "count(/domain/devices/channel/source)", "0"},
    {PLAIN_KVM, "count(/domain/seclabel)", "0"},
    {PLAIN_KVM, "count(/domain/qemu:commandline)", "0"},

    {PASSTHROUGH, "count(/domain/qemu:commandline/qemu:env)", "1"},
    {PASSTHROUGH, "/domain/qemu:commandline/qemu:arg[2]/@value", NASTY},
    {PASSTHROUGH, "/domain/qemu:commandline/qemu:env[@name='A']/@value", "b=" NASTY},
    {PASSTHROUGH, "string(/domain/metadata/*[local-name()='sandbox']/*[@name='a'])", NASTY},
    {PASSTHROUGH, "count(/domain/metadata/*/*[local-name()='tainted'])", "2"},
    {PASSTHROUGH, "/domain/devices/graphics/@passwd", "<&>"},
    {PASSTHROUGH, "/domain/devices/graphics/listen/@socket", "/run/" NASTY "/display"},
    {PASSTHROUGH, "count(/domain/devices/graphics/@port)", "0"},
    {PASSTHROUGH, "/domain/devices/video/model/@type", "vga"},
    {PASSTHROUGH, "/domain/devices/controller[@type='usb']/@model", "qemu-xhci"},
    {PASSTHROUGH, "/domain/devices/hostdev[1]/source/address/@bus", "3"},
    {PASSTHROUGH, "/domain/devices/hostdev[1]/source/address/@device", "17"},
    {PASSTHROUGH, "/domain/devices/hostdev[2]/@managed", "yes"},
    {PASSTHROUGH, "/domain/devices/hostdev[2]/source/address/@slot", "0x1f"},
    {PASSTHROUGH, "/domain/devices/hostdev[3]/@managed", "no"},
    {TCP, "/domain/devices/graphics/@type", "spice"},
    {TCP, "/domain/devices/graphics/@port", "5999"},
    {TCP, "/domain/devices/graphics/@autoport", "no"},
    {TCP, "/domain/devices/graphics/listen/@address", "::1"},
    {TCP, "count(/domain/devices/controller[@model='none'])", "1"},

    {BY_FD, "/domain/@type", "lxc"},
    {BY_FD, "/domain/os/type", "exe"},
    {BY_FD, "/domain/os/init", "/lsandbox-init"},
    {BY_FD, "count(/domain/os/kernel | /domain/os/cmdline)", "0"},
    {BY_FD, "/domain/idmap/uid/@start", "0"},
    {BY_FD, "/domain/idmap/uid/@target", "100000"},
    {BY_FD, "/domain/idmap/gid/@target", "100000"},
    {BY_FD, "/domain/idmap/gid/@count", "65536"},
    {BY_FD, "count(/domain/features/privnet)", "1"},
    {BY_FD, "count(/domain/devices/filesystem)", "1"},
    {BY_FD, "/domain/devices/filesystem/source/@dir", "/run/" NASTY "/skeleton"},
    {BY_FD, "/domain/devices/filesystem/target/@dir", "/"},
    {BY_FD, "count(/domain/devices/interface)", "0"},

    {BY_PATH, "count(/domain/idmap)", "0"},
    {BY_PATH, "count(/domain/devices/filesystem)", "3"},
    {BY_PATH, "/domain/devices/filesystem[1]/source/@dir", "/skeleton"},
    {BY_PATH, "/domain/devices/filesystem[2]/source/@dir", "@/root"},
    {BY_PATH, "/domain/devices/filesystem[2]/target/@dir", "/dev/.lsandbox/root"},
    {BY_PATH, "count(/domain/devices/filesystem[2]/readonly)", "1"},
    {BY_PATH, "/domain/devices/filesystem[3]/source/@dir", "@/" NASTY},
    {BY_PATH, "/domain/devices/filesystem[3]/target/@dir", "/dev/.lsandbox/1"},
    {BY_PATH, "count(/domain/devices/filesystem[3]/readonly)", "0"},
};

static xmlDocPtr document_of(Variant variant)
{
    g_autoptr(LsbDescription) d = describe(variants[variant].recipe);
    g_autofree char *text = lsb_domain_xml(d, variants[variant].parts);
    xmlDocPtr document =
        xmlReadMemory(text, (int)strlen(text), "domain.xml", NULL, XML_PARSE_NONET);
    g_assert_nonnull(document);
    return document;
}

static char *evaluate(xmlDocPtr document, const char *path)
{
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathRegisterNs(context, BAD_CAST "qemu",
                       BAD_CAST "http://libvirt.org/schemas/domain/qemu/1.0");
    xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST path, context);
    g_assert_nonnull(object);
    xmlChar *string = xmlXPathCastToString(object);
    char *result = g_strdup((const char *)string);
    xmlFree(string);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    return result;
}

static void test_xml(void)
{
    xmlDocPtr documents[VARIANTS];
    for (Variant v = 0; v < VARIANTS; v++)
        documents[v] = document_of(v);
    for (gsize i = 0; i < G_N_ELEMENTS(xml); i++) {
        g_test_message("%s", xml[i].path);
        g_autofree char *got = evaluate(documents[xml[i].variant], xml[i].path);
        check_text(got, xml[i].expected);
    }
    for (Variant v = 0; v < VARIANTS; v++)
        xmlFreeDoc(documents[v]);
}

/* Nothing on a usual host is called this, so what is left of it would be seen. */
static void test_command_line(void)
{
    g_autoptr(LsbDescription) d = describe("{kernel = {cmdline = \"mine=1 panic=5\"}}");
    LsbDomainParts parts = {.accel = LSB_ACCEL_TCG};
    g_autofree char *slow = lsb_kernel_command_line(d, &parts);
    parts.accel = LSB_ACCEL_KVM;
    g_autofree char *fast = lsb_kernel_command_line(d, &parts);
    g_assert_true(g_str_has_suffix(slow, " mine=1 panic=5")); /* the last one counts */
    g_assert_true(g_str_has_suffix(fast, " mine=1 panic=5"));
    g_assert_nonnull(strstr(slow, "rodata=off"));
    g_assert_null(strstr(fast, "rodata")); /* a real guest keeps its kernel's protection */
    g_assert_null(strstr(fast, "spectre"));
    g_assert_null(strstr(fast, "lpj"));
    g_assert_nonnull(strstr(slow, " acpi=noirq"));
    g_assert_nonnull(strstr(slow, " noapictimer"));
    g_assert_null(strstr(fast, "noirq"));
    g_assert_null(strstr(fast, "noapictimer"));
    g_assert_null(strstr(fast, "blacklist"));
    g_assert_null(strstr(fast, "lsandbox_modules")); /* signatures are checked where it is cheap */
    g_assert_cmpuint(strlen(slow), <, 2048);         /* COMMAND_LINE_SIZE of x86 */
}

/* Devices that are not of our choosing may need their interrupts routed, processors a timer each. */
static void test_command_line_of_more(void)
{
    LsbDomainParts parts = {.accel = LSB_ACCEL_TCG};
    g_autoptr(LsbDescription) more =
        describe("{vcpus = 2, qemu = {args = {\"-device\", \"e1000\"}}}");
    g_autofree char *line = lsb_kernel_command_line(more, &parts);
    g_assert_null(strstr(line, "noirq"));
    g_assert_null(strstr(line, "noapictimer"));
    g_assert_nonnull(strstr(line, "rodata=off"));
}

/* --- libvirt's schema --------------------------------------------------------------------------
 */

static void test_schema(void)
{
    g_autofree char *path = find_schema();
    if (!path && g_getenv("CI"))
        g_error("libvirt/schemas/domain.rng is not in any data directory");
    if (!path) {
        g_test_skip("libvirt/schemas/domain.rng is not in any data directory");
        return;
    }
    xmlRelaxNGPtr schema = load_schema(path);
    g_assert_nonnull(schema);
    for (Variant v = 0; v < VARIANTS; v++) {
        xmlDocPtr document = document_of(v);
        g_test_message("variant %d", v);
        g_assert_cmpint(validate(schema, document), ==, 0);
        /* and the check checks: an element that nothing allows */
        xmlNewChild(xmlDocGetRootElement(document), NULL, BAD_CAST "sandbox", NULL);
        g_assert_cmpint(validate(schema, document), >, 0);
        xmlFreeDoc(document);
    }
    xmlRelaxNGFree(schema);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void make_root(const char *name)
{
    g_autofree char *passwd = g_strdup_printf("root:x:0:0:root:/root:/bin/sh\n"
                                              "anna:x:1000:100:Anna:/people/anna:/bin/sh\n"
                                              "lena:x:1001:100:Lena:%s/home:/bin/sh\n",
                                              scratch);
    g_autofree char *path = g_build_filename(name, "etc/passwd", NULL);
    scratch_file(path, passwd);
}

static void make_files(void)
{
    static const char *const places[] = {"tmp",  "var/tmp",     "run", "home",
                                         "root", "people/anna", "opt"};
    scratch_make();
    scratch_dir("dir");
    scratch_dir("home");
    scratch_dir(NASTY);
    scratch_file("file", "x");
    devices_make();
    make_root("bare");
    make_root("root");
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename("root", places[i], NULL);
        scratch_dir(path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    make_files();
    g_test_add_func("/plan/exports", test_exports);
    g_test_add_func("/plan/hidden", test_hidden);
    g_test_add_func("/plan/hidden-of-host", test_hidden_of_host);
    g_test_add_func("/plan/home-modes", test_home_modes);
    g_test_add_func("/plan/order-of-mounts", test_order_of_mounts);
    g_test_add_func("/plan/container-sources", test_container_sources);
    g_test_add_func("/plan/modules", test_modules);
    g_test_add_func("/plan/overlay", test_overlay);
    g_test_add_func("/plan/network", test_network);
    g_test_add_func("/domain-xml/content", test_xml);
    g_test_add_func("/domain-xml/command-line", test_command_line);
    g_test_add_func("/domain-xml/command-line-of-more", test_command_line_of_more);
    g_test_add_func("/domain-xml/schema", test_schema);
    int result = g_test_run();
    scratch_remove();
    xmlCleanupParser();
    return result;
}
