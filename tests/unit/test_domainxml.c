/*
 * The domain XML of a description: parsed again, and held against libvirt's own schema.
 */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "domain/xml/kernelcmdline.h"
#include "recipe/description.h"
#include "devices.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"
#include "planrecipes.h"
#include "schema.h"
#include "shared/wire.h"

/* Names as nasty as a file system and a recipe take them. */
#define NASTY        "a&b <c> \"d\" 'e' ]]>;,=%41"
#define NASTY_IN_LUA "a&b <c> \\\"d\\\" 'e' ]]>;,=%41"

static const LsbDomainParts machine_parts = {
    .accel = LSB_ACCEL_TCG,
    .emulator = "/opt/" NASTY "/qemu",
    .firmware = "/usr/share/qemu/" NASTY ".rom",
    .kernel = "/cache/" NASTY "/kernel",
    .initrd = "/cache/" NASTY "/initrd",
    .relay = "/run/" NASTY "/relay",
    .console = "/run/" NASTY "/console",
    .jail = "/run/" NASTY "/jail",
    .no_label = TRUE,
};
static const LsbDomainParts plain_kvm_parts = {
    .accel = LSB_ACCEL_KVM,
    .kernel = "/k",
    .initrd = "/i",
};
static const LsbDomainParts by_fd_parts = {
    .skeleton = "/run/" NASTY "/skeleton",
    .init = "/lsandbox-init",
    .uids = {{{0, 100000, 65536}}, 1},
    .gids = {{{0, 100000, 65536}}, 1},
};
static const LsbDomainParts by_path_parts = {
    .skeleton = "/skeleton",
    .init = "/lsandbox-init",
};
static const LsbDomainParts passthrough_parts = {
    .accel = LSB_ACCEL_TCG,
    .kernel = "/k",
    .initrd = "/i",
    .display = "/run/" NASTY "/display",
};

#define NASTY_BIND                                                                                 \
    "{type = \"bind\", source = \"@/" NASTY_IN_LUA "\", target = \"/n\", readonly = false}"

#define MACHINE_RECIPE                                                                             \
    "{" FULL ", name = \"box\", memory = \"300M\", vcpus = 2, home = \"@/dir\", "                  \
    "kernel = {cmdline = \"lsb.test=" NASTY_IN_LUA "\"}, "                                         \
    "mounts = {" NASTY_BIND ", " BIND("file", "") "}}"

#define CONTAINER_RECIPE "{" FULL LXC ", name = \"box\", mounts = {" NASTY_BIND "}}"

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
    const char *name, *recipe;
    LsbPassing passing;
    const LsbDomainParts *parts;
} variants[VARIANTS] = {
    [MACHINE] = {"machine", MACHINE_RECIPE, LSB_PASS_TAGS, &machine_parts},
    [PLAIN_KVM] = {"plain machine on KVM", "{}", LSB_PASS_TAGS, &plain_kvm_parts},
    [BY_FD] = {"container by descriptors", CONTAINER_RECIPE, LSB_PASS_DESCRIPTORS, &by_fd_parts},
    [BY_PATH] = {"container by paths", CONTAINER_RECIPE, LSB_PASS_PATHS, &by_path_parts},
    [NET_MACHINE] = {"machine with a network", "{" FULL NETWORK "}", LSB_PASS_TAGS, &machine_parts},
    [NET_CONTAINER] = {"container with a network", "{" FULL LXC FILTERED "}", LSB_PASS_DESCRIPTORS, &by_fd_parts},
    [PASSTHROUGH] = {"machine with devices", PASSTHROUGH_RECIPE, LSB_PASS_TAGS, &passthrough_parts},
    [TCP] = {"machine with a TCP display", TCP_RECIPE, LSB_PASS_TAGS, &passthrough_parts},
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
    {BY_PATH, "/domain/devices/filesystem[2]/target/@dir", "/host"},
    {BY_PATH, "count(/domain/devices/filesystem[2]/readonly)", "1"},
    {BY_PATH, "/domain/devices/filesystem[3]/source/@dir", "@/" NASTY},
    {BY_PATH, "/domain/devices/filesystem[3]/target/@dir", "/dev/.lsandbox/1"},
    {BY_PATH, "count(/domain/devices/filesystem[3]/readonly)", "0"},
};

static xmlDocPtr document_of(Variant variant)
{
    g_autoptr(LsbDescription) d = describe(variants[variant].recipe);
    g_autoptr(LsbPlan) plan = lsb_plan_new(d, variants[variant].passing);
    g_autofree char *text = lsb_domain_xml(plan, variants[variant].parts);
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
        g_test_message("%s: %s", variants[xml[i].variant].name, xml[i].path);
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
    LsbDomainParts parts = {.accel = LSB_ACCEL_TCG, .tsc_khz = 2500123};
    g_autofree char *slow = lsb_kernel_command_line(d, &parts);
    parts.accel = LSB_ACCEL_KVM;
    g_autofree char *fast = lsb_kernel_command_line(d, &parts);
    g_assert_true(g_str_has_suffix(slow, " mine=1 panic=5")); /* the last one counts */
    g_assert_true(g_str_has_suffix(fast, " mine=1 panic=5"));
    g_assert_nonnull(strstr(slow, "rodata=off"));
    g_assert_null(strstr(fast, "rodata")); /* a real guest keeps its kernel's protection */
    g_assert_null(strstr(fast, "spectre"));
    g_assert_null(strstr(fast, "lpj"));
    g_assert_nonnull(strstr(slow, " tsc_early_khz=2500123 "));
    g_assert_null(strstr(fast, "tsc_early")); /* KVM tells its guest the rate */
    g_assert_nonnull(strstr(slow, " acpi=noirq"));
    g_assert_nonnull(strstr(slow, " noapictimer"));
    g_assert_null(strstr(fast, "noirq"));
    g_assert_null(strstr(fast, "noapictimer"));
    g_assert_null(strstr(fast, "blacklist"));
    g_assert_null(strstr(fast, "lsandbox_modules")); /* signatures are checked where it is cheap */
    g_assert_cmpuint(strlen(slow), <, 2048);         /* COMMAND_LINE_SIZE of x86 */
}

static void test_command_line_with_modules(void)
{
    char *none[] = {NULL}, *names[] = {(char *)"a.ko", (char *)"b-c.ko", NULL};
    LsbDomainParts parts = {.accel = LSB_ACCEL_KVM, .modules = none};
    g_autoptr(LsbDescription) d = describe("{}");
    g_autofree char *without = lsb_kernel_command_line(d, &parts);
    g_assert_null(strstr(without, "lsandbox_load"));
    parts.modules = names;
    g_autofree char *with = lsb_kernel_command_line(d, &parts);
    g_assert_nonnull(strstr(with, " lsandbox_load=a.ko,b-c.ko"));
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

/* --- libvirt's schema --- */

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
        g_test_message("%s", variants[v].name);
        g_assert_cmpint(validate(schema, document), ==, 0);
        /* and the check checks: an element that nothing allows */
        xmlNewChild(xmlDocGetRootElement(document), NULL, BAD_CAST "sandbox", NULL);
        g_assert_cmpint(validate(schema, document), >, 0);
        xmlFreeDoc(document);
    }
    xmlRelaxNGFree(schema);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    plan_files_make();
    scratch_dir(NASTY);
    devices_make();
    g_test_add_func("/domain-xml/content", test_xml);
    g_test_add_func("/domain-xml/command-line", test_command_line);
    g_test_add_func("/domain-xml/command-line-of-more", test_command_line_of_more);
    g_test_add_func("/domain-xml/command-line-with-modules", test_command_line_with_modules);
    g_test_add_func("/domain-xml/schema", test_schema);
    int result = g_test_run();
    scratch_remove();
    xmlCleanupParser();
    return result;
}
