/*
 * Reading recipes: every field's good values and what becomes of them, bad values and the exact
 * message, the defaults, and random trees that must be read or refused without a fault.
 */
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "description.h"
#include "error.h"
#include "identity.h"
#include "recipe.h"
#include "spec.h"

/* --- reading -----------------------------------------------------------------------------------
 */

static LsbDescription *read_recipe(const char *text, GError **error)
{
    g_autoptr(LsbValue) value = recipe(text);
    return lsb_description_new(value, error);
}

static LsbDescription *read_good(const char *text)
{
    g_autoptr(GError) error = NULL;
    LsbDescription *d = read_recipe(text, &error);
    g_assert_no_error(error);
    g_assert_nonnull(d);
    return d;
}

static const LsbStdio usual_stdio[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_INHERIT};

static LsbProgramSpec *read_program(const char *text, const char *program, GError **error)
{
    g_autoptr(LsbDescription) d = read_good(text);
    g_autoptr(LsbValue) value = program ? recipe(program) : NULL;
    return lsb_program_spec_new(d, value, usual_stdio, error);
}

/* --- showing -----------------------------------------------------------------------------------
 */

static char *show_list(char **list)
{
    return list ? g_strjoinv("|", list) : g_strdup("-");
}

static char *show_bytes(GBytes *bytes)
{
    gsize len;
    if (!bytes)
        return g_strdup("-");
    const char *data = g_bytes_get_data(bytes, &len);
    g_autofree char *text = g_strndup(data, len);
    return g_strdup_printf("%" G_GSIZE_FORMAT ":%s", len, text);
}

static char *show_mounts(GPtrArray *mounts)
{
    static const char *const types[] = {"bind", "ram", "guest-bind"};
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < mounts->len; i++) {
        const LsbMount *m = mounts->pdata[i];
        g_string_append_printf(out, "%s%s %s %s %s%s%s%s%s %" G_GUINT64_FORMAT, i ? "; " : "",
                               types[m->type], m->source ? m->source : "-", m->target,
                               m->readonly ? "ro" : "rw", m->nosuid ? ",nosuid" : "",
                               m->nodev ? ",nodev" : "", m->noexec ? ",noexec" : "",
                               m->is_file ? ",file" : "", m->size);
    }
    return g_string_free(out, FALSE);
}

static char *show_identity(const LsbIdentity *id)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s %u:%u %s", id->name, (guint)id->uid, (guint)id->gid, id->home);
    for (guint i = 0; i < id->groups->len; i++)
        g_string_append_printf(out, " +%u", (guint)g_array_index(id->groups, gid_t, i));
    return g_string_free(out, FALSE);
}

typedef enum { LIST, TEXT, WORD, FLAG, BYTES, COUNT, SECONDS, MOUNTS, IDENTITY, INPUT } Shape;

typedef struct {
    const char *name;
    Shape shape;
    gsize offset;
    const char *const words[4];
} Member;

static const Member description_members[] = {
#define M(name, shape, member, ...)                                                                \
    {                                                                                              \
        name, shape, offsetof(LsbDescription, member),                                             \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
    M("command", LIST, command),
    M("name", TEXT, name),
    M("connect", TEXT, uri),
    M("kind", WORD, kind, "machine", "container"),
    M("accel", WORD, accel, "auto", "kvm", "tcg"),
    M("root", TEXT, root),
    M("root_mode", WORD, root_mode, "readonly", "overlay"),
    M("home", WORD, home, "private", "host", "directory"),
    M("home_source", TEXT, home_source),
    M("mounts", MOUNTS, mounts),
    M("env", LIST, env),
    M("cwd", TEXT, cwd),
    M("hostname", TEXT, hostname),
    M("user", IDENTITY, identity),
    M("privileged", FLAG, privileged),
    M("memory", BYTES, memory),
    M("vcpus", COUNT, vcpus),
    M("timeout", SECONDS, timeout),
    M("boot_timeout", SECONDS, boot_timeout),
    M("max_output", BYTES, max_output),
    M("input", INPUT, input),
    M("kernel.version", TEXT, kernel_version),
    M("kernel.path", TEXT, kernel_path),
    M("kernel.modules", TEXT, kernel_modules),
    M("kernel.extra_modules", LIST, kernel_extra_modules),
    M("kernel.cmdline", TEXT, kernel_cmdline),
#undef M
};

static const Member program_members[] = {
#define M(name, shape, member, ...)                                                                \
    {                                                                                              \
        name, shape, offsetof(LsbProgramSpec, member),                                             \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
    M("command", LIST, argv),
    M("env", LIST, env),
    M("cwd", TEXT, cwd),
    M("user", IDENTITY, identity),
    M("privileged", FLAG, privileged),
    M("stdin", WORD, stdio[0], "pipe", "null", "inherit"),
    M("stdout", WORD, stdio[1], "pipe", "null", "inherit"),
    M("stderr", WORD, stdio[2], "pipe", "null", "inherit"),
    M("input", INPUT, input),
    M("timeout", SECONDS, timeout),
#undef M
};

static char *show_member(const Member *m, gconstpointer structure)
{
    gconstpointer at = (const char *)structure + m->offset;
    switch (m->shape) {
    case LIST:
        return show_list(*(char ***)at);
    case TEXT:
        return g_strdup(*(char *const *)at ? *(char *const *)at : "-");
    case WORD:
        return g_strdup(m->words[*(const int *)at]);
    case FLAG:
        return g_strdup(*(const gboolean *)at ? "true" : "false");
    case BYTES:
        return g_strdup_printf("%" G_GUINT64_FORMAT, *(const guint64 *)at);
    case COUNT:
        return g_strdup_printf("%u", *(const guint *)at);
    case SECONDS:
        return g_strdup_printf("%g", *(const double *)at);
    case MOUNTS:
        return show_mounts(*(GPtrArray *const *)at);
    case IDENTITY:
        return show_identity(*(LsbIdentity *const *)at);
    case INPUT:
        return show_bytes(*(GBytes *const *)at);
    }
    g_assert_not_reached();
}

static char *show(const Member *members, gsize n, const char *name, gconstpointer structure)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(members[i].name, name) == 0)
            return show_member(&members[i], structure);
    g_error("no member %s", name);
}

/* --- good recipes ------------------------------------------------------------------------------
 */

#define PATHS     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ANNAS_ENV "PATH=" PATHS "|HOME=/people/anna|USER=anna|LOGNAME=anna|TERM=dumb|LANG=C.UTF-8"

static const struct {
    const char *recipe, *member, *expected;
} good[] = {
    {"{}", "command", "-"},
    {"{command = {\"ls\", \"-l\", \"\"}}", "command", "ls|-l|"},
    {"{command = \"/bin/ls\"}", "command", "/bin/ls"},
    {"{command = \"two words\"}", "command", "two words"},
    {"{\"echo\", \"\\255\\n\"}", "command", "echo|\xff\n"},
    {"{name = \"a-b_c.9\"}", "name", "a-b_c.9"},
    {"{name = \"0123456789012345678901234567890123456789012345678901234567890123\"}", "name",
     "0123456789012345678901234567890123456789012345678901234567890123"},
    {"{}", "connect", "qemu:///embed"},
    {"{}", "kind", "machine"},
    {"{connect = \"qemu:///session\"}", "connect", "qemu:///session"},
    {"{connect = \"qemu+ssh://root@host.example/system\"}", "kind", "machine"},
    {"{connect = \"lxc:///\"}", "kind", "container"},
    {"{connect = \"LXC:///\"}", "kind", "container"},
    {"{connect = \"lxc+ssh://host/\"}", "kind", "container"},
    {"{}", "accel", "auto"},
    {"{accel = \"kvm\"}", "accel", "kvm"},
    {"{accel = \"tcg\"}", "accel", "tcg"},
    {"{accel = \"auto\", connect = \"lxc:///\"}", "accel", "auto"},
    {"{}", "root", "/"},
    {"{root = \"@/root\"}", "root", "@/root"},
    {"{root = \"@//root/../root/.\"}", "root", "@/root"},
    {"{root = \"//\"}", "root", "/"},
    {"{}", "root_mode", "readonly"},
    {"{root_mode = \"overlay\"}", "root_mode", "overlay"},
    {"{}", "home", "private"},
    {"{home = \"private\"}", "home", "private"},
    {"{home = \"@/dir\"}", "home", "directory"},
    {"{home = \"@/dir\"}", "home_source", "@/dir"},
    {"{home = \"@/./dir//\"}", "home_source", "@/dir"},
    {"{home = \"private\"}", "home_source", "-"},
    {"{home = \"host\", root = \"@/root\", user = \"lena\"}", "home", "host"},
    {"{}", "mounts", ""},
    {"{mounts = {}}", "mounts", ""},
    {"{mounts = {{type = \"ram\", target = \"/x\"}}}", "mounts", "ram - /x rw,nosuid,nodev 0"},
    {"{mounts = {{type = \"ram\", target = \"/x\", readonly = true, size = \"64M\", noexec = "
     "true}}}",
     "mounts", "ram - /x ro,nosuid,nodev,noexec 67108864"},
    {"{mounts = {{type = \"bind\", source = \"@/dir\", target = \"//data/./x/\"}}}", "mounts",
     "bind @/dir /data/x ro,nosuid,nodev 0"},
    {"{mounts = {{type = \"bind\", source = \"@/file\", target = \"/f\", readonly = false}}}",
     "mounts", "bind @/file /f rw,nosuid,nodev,file 0"},
    {"{mounts = {{type = \"bind\", source = \"@/link\", target = \"/f\", nosuid = false, nodev = "
     "false}}}",
     "mounts", "bind @/link /f ro 0"},
    {"{mounts = {{type = \"guest-bind\", source = \"/no/such\", target = \"/g\"}, "
     "{type = \"ram\", target = \"/g/ram\", size = 4096}}}",
     "mounts", "guest-bind /no/such /g ro,nosuid,nodev 0; ram - /g/ram rw,nosuid,nodev 4096"},
    {"{root = \"@/root\", user = \"anna\"}", "env", ANNAS_ENV},
    {"{root = \"@/root\", user = \"anna\", env = {A = \"1=2\", B = 7, EMPTY = \"\", [\"x y\"] = "
     "\"\\255\"}}",
     "env", ANNAS_ENV "|A=1=2|B=7|EMPTY=|x y=\xff"},
    {"{root = \"@/root\", user = \"anna\", env = {PATH = \"/bin\", HOME = \"/\"}}", "env",
     "PATH=/bin|HOME=/|USER=anna|LOGNAME=anna|TERM=dumb|LANG=C.UTF-8"},
    {"{}", "cwd", "/"},
    {"{cwd = \"/usr/../tmp\"}", "cwd", "/tmp"},
    {"{}", "hostname", "sandbox"},
    {"{hostname = \"box-1.example\"}", "hostname", "box-1.example"},
    {"{root = \"@/root\", user = \"anna\"}", "user", "anna 1000:100 /people/anna +27 +44"},
    {"{root = \"@/root\", user = \"1000\"}", "user", "anna 1000:100 /people/anna +27 +44"},
    {"{root = \"@/root\", user = 1000}", "user", "anna 1000:100 /people/anna +27 +44"},
    {"{root = \"@/root\", user = 0}", "user", "root 0:0 /root"},
    {"{root = \"@/root\", user = \"root\"}", "user", "root 0:0 /root"},
    {"{root = \"@/root\", user = \"daemon\"}", "user", "daemon 2:2 /home/daemon"},
    {"{root = \"@/root\", user = \"slash\"}", "user", "slash 3:3 /home/slash"},
    {"{root = \"@/root\", user = 4242}", "user", "4242 4242:4242 /home/4242"},
    {"{root = \"@/root\", user = 4294967294}", "user",
     "4294967294 4294967294:4294967294 /home/4294967294"},
    {"{root = \"@/empty\", user = 5}", "user", "5 5:5 /home/5"},
    {"{}", "privileged", "false"},
    {"{privileged = true}", "privileged", "true"},
    {"{}", "memory", "268435456"},
    {"{memory = \"1.5G\"}", "memory", "1610612736"},
    {"{memory = 134217728}", "memory", "134217728"},
    {"{memory = 134217728.0}", "memory", "134217728"},
    {"{memory = 1.34217728e8}", "memory", "134217728"},
    {"{memory = \"16M\", connect = \"lxc:///\"}", "memory", "16777216"},
    {"{}", "vcpus", "1"},
    {"{vcpus = 1}", "vcpus", "1"},
    {"{vcpus = 255}", "vcpus", "255"},
    {"{vcpus = 2.0}", "vcpus", "2"},
    {"{}", "timeout", "0"},
    {"{timeout = 0.25}", "timeout", "0.25"},
    {"{timeout = 60}", "timeout", "60"},
    {"{timeout = 4294967}", "timeout", "4.29497e+06"},
    {"{}", "boot_timeout", "0"},
    {"{boot_timeout = 5}", "boot_timeout", "5"},
    {"{}", "max_output", "67108864"},
    {"{max_output = 1}", "max_output", "1"},
    {"{max_output = \"1G\"}", "max_output", "1073741824"},
    {"{}", "input", "-"},
    {"{input = \"\"}", "input", "0:"},
    {"{input = \"a\\0b\"}", "input", "3:a"},
    {"{kernel = {}}", "kernel.version", "-"},
    {"{kernel = {version = \"6.1.0-9-amd64\"}}", "kernel.version", "6.1.0-9-amd64"},
    {"{kernel = {path = \"/boot//vmlinuz\"}}", "kernel.path", "/boot/vmlinuz"},
    {"{kernel = {modules = \"/lib/modules/x\"}}", "kernel.modules", "/lib/modules/x"},
    {"{kernel = {extra_modules = {\"fuse\", \"loop\"}}}", "kernel.extra_modules", "fuse|loop"},
    {"{kernel = {extra_modules = {}}}", "kernel.extra_modules", ""},
    {"{kernel = {cmdline = \"quiet & <nice> \\\"q\\\"\"}}", "kernel.cmdline",
     "quiet & <nice> \"q\""},
    {"{kernel = {}, connect = \"lxc:///\"}", "kind", "container"},
};

static void test_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_test_message("%s: %s", good[i].recipe, good[i].member);
        g_autoptr(LsbDescription) d = read_good(good[i].recipe);
        g_autofree char *got =
            show(description_members, G_N_ELEMENTS(description_members), good[i].member, d);
        g_autofree char *expected = with_scratch(good[i].expected);
        g_assert_cmpstr(got, ==, expected);
    }
}

/* --- bad recipes -------------------------------------------------------------------------------
 */

#define SIZE_WORDS "a size like 1048576, \"64K\", \"256M\" or \"2GiB\""
#define NAME_WORDS                                                                                 \
    "at most 64 letters, digits, \"-\", \"_\" and \".\", the first neither \"-\" nor \".\""
#define USER_WORDS "a user name or a number from 0 to 4294967294"
#define URI_WORDS                                                                                  \
    "a URI like \"qemu:///embed\", \"qemu:///session\", \"qemu:///system\" or \"lxc:///\""
#define MOUNT_WORDS   "one of \"bind\", \"ram\", \"guest-bind\""
#define COMMAND_WORDS "a program, or a list of a program and its arguments"
#define SECONDS_WORDS "a number of seconds above 0, at most 4294967"
#define OWN_KERNEL    "for a container, which runs on the host's own kernel"

static const struct {
    const char *recipe, *message;
} bad[] = {
    {"12", "recipe: expected a table, got 12"},
    {"\"ls\"", "recipe: expected a table, got \"ls\""},
    {"function", "recipe: expected a table, got a function"},

    /* keys */
    {"{memmory = \"1G\"}", "memmory: unknown key; did you mean \"memory\"?"},
    {"{memroy = 1}", "memroy: unknown key; did you mean \"memory\"?"},
    {"{Memory = 1}", "Memory: unknown key; did you mean \"memory\"?"},
    {"{root_mod = 1}", "root_mod: unknown key; did you mean \"root_mode\"?"},
    {"{network = {}}", "network: unknown key"},
    {"{[\"\"] = 1}", "[\"\"]: unknown key"},
    {"{[\"a.b c\"] = 1}", "[\"a.b c\"]: unknown key"},
    {"{[\"a\\nb\\27[2J\"] = 1}", "[\"a\\10b\\27[2J\"]: unknown key"},
    {"{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1}",
     "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"]: unknown key"},
    {"{kernel = {versoin = \"6\"}}", "kernel.versoin: unknown key; did you mean \"version\"?"},
    {"{mounts = {{typ = \"ram\"}}}", "mounts[1].typ: unknown key; did you mean \"type\"?"},

    /* command */
    {"{command = {}}", "command: expected a program and its arguments, got an empty list"},
    {"{command = {\"\"}}", "command[1]: expected a program, got \"\""},
    {"{command = \"\"}", "command: expected " COMMAND_WORDS ", got \"\""},
    {"{command = 5}", "command: expected " COMMAND_WORDS ", got 5"},
    {"{command = \"a\\0b\"}", "command: expected a string without NUL bytes, got \"a\\0b\""},
    {"{command = {\"ls\", 5}}", "command[2]: expected a string, got 5"},
    {"{command = {\"ls\", {}}}", "command[2]: expected a string, got a table"},
    {"{command = {\"ls\", \"a\\0\"}}",
     "command[2]: expected a string without NUL bytes, got \"a\\0\""},
    {"{command = {\"ls\", flag = true}}", "command: expected a list of strings, got a table"},
    {"{command = \"ls\", \"pwd\"}",
     "command: expected either this field or the elements [1], [2] ..., got both"},
    {"{\"\"}", "[1]: expected a program, got \"\""},
    {"{\"ls\", false}", "[2]: expected a string, got false"},
    {"{function}", "[1]: expected a string, got a function"},

    /* name and hostname */
    {"{name = \"\"}", "name: expected a name of " NAME_WORDS ", got \"\""},
    {"{name = \"a/b\"}", "name: expected a name of " NAME_WORDS ", got \"a/b\""},
    {"{name = \"-a\"}", "name: expected a name of " NAME_WORDS ", got \"-a\""},
    {"{name = \".a\"}", "name: expected a name of " NAME_WORDS ", got \".a\""},
    {"{name = \"a b\"}", "name: expected a name of " NAME_WORDS ", got \"a b\""},
    {"{name = \"a\\nb\"}", "name: expected a name of " NAME_WORDS ", got \"a\\10b\""},
    {"{name = \"\\195\\164\"}", "name: expected a name of " NAME_WORDS ", got \"\xc3\xa4\""},
    {"{name = \"01234567890123456789012345678901234567890123456789012345678901234\"}",
     "name: expected a name of " NAME_WORDS
     ", got \"012345678901234567890123456789012345678901234567890123456789...\""},
    {"{name = 7}", "name: expected a name of " NAME_WORDS ", got 7"},
    {"{name = \"a\\0\"}", "name: expected a string without NUL bytes, got \"a\\0\""},
    {"{hostname = \"my host\"}",
     "hostname: expected a host name of " NAME_WORDS ", got \"my host\""},
    {"{hostname = true}", "hostname: expected a host name of " NAME_WORDS ", got true"},

    /* connect */
    {"{connect = \"vbox:///\"}", "connect: expected " URI_WORDS ", got \"vbox:///\""},
    {"{connect = \"qemu\"}", "connect: expected " URI_WORDS ", got \"qemu\""},
    {"{connect = \"qemux:///system\"}", "connect: expected " URI_WORDS ", got \"qemux:///system\""},
    {"{connect = \"\"}", "connect: expected a string that is not empty, got \"\""},
    {"{connect = {}}", "connect: expected a string, got a table"},
    {"{connect = \"qemu:///\\1\"}",
     "connect: expected UTF-8 text without control characters, got \"qemu:///\\1\""},

    /* accel, root, root_mode */
    {"{accel = \"hvf\"}", "accel: expected one of \"auto\", \"kvm\", \"tcg\", got \"hvf\""},
    {"{accel = true}", "accel: expected one of \"auto\", \"kvm\", \"tcg\", got true"},
    {"{accel = \"tcg\", connect = \"lxc:///\"}",
     "accel: expected \"auto\" " OWN_KERNEL ", got \"tcg\""},
    {"{root = \"srv\"}", "root: expected absolute path, got \"srv\""},
    {"{root = \"\"}", "root: expected absolute path, got \"\""},
    {"{root = false}", "root: expected absolute path, got false"},
    {"{root = \"@/none\"}", "root: expected a directory of the host, got \"@/none\""},
    {"{root = \"@/file\"}", "root: expected a directory of the host, got \"@/file\""},
    {"{root = \"/a\\0b\"}", "root: expected a string without NUL bytes, got \"/a\\0b\""},
    {"{root = \"/a\\255\"}",
     "root: expected absolute path in UTF-8 without control characters, got \"/a\\255\""},
    {"{root = \"/a\\nb\"}",
     "root: expected absolute path in UTF-8 without control characters, got \"/a\\10b\""},
    {"{root_mode = \"rw\"}", "root_mode: expected one of \"readonly\", \"overlay\", got \"rw\""},

    /* home */
    {"{home = \"dir\"}", "home: expected \"private\", \"host\" or an absolute path, got \"dir\""},
    {"{home = \"\"}", "home: expected \"private\", \"host\" or an absolute path, got \"\""},
    {"{home = 1}", "home: expected \"private\", \"host\" or an absolute path, got 1"},
    {"{home = \"@/none\"}", "home: expected a directory of the host, got \"@/none\""},
    {"{home = \"@/file\"}", "home: expected a directory of the host, got \"@/file\""},
    {"{home = \"/a\\7\"}",
     "home: expected absolute path in UTF-8 without control characters, got \"/a\\7\""},
    {"{home = \"host\", root = \"@/root\", user = \"daemon\"}",
     "home: expected \"private\" or an absolute path, got \"host\": user daemon has no home "
     "directory /home/daemon "
     "on the host"},

    /* mounts */
    {"{mounts = \"/x\"}", "mounts: expected a list of mounts, got \"/x\""},
    {"{mounts = {type = \"ram\", target = \"/x\"}}",
     "mounts: expected a list of mounts, got a table"},
    {"{mounts = {\"/x\"}}", "mounts[1]: expected a table that describes a mount, got \"/x\""},
    {"{mounts = {{\"ram\", \"/x\"}}}",
     "mounts[1]: expected a table that describes a mount, got a table"},
    {"{mounts = {{}}}", "mounts[1].type: expected " MOUNT_WORDS ", got nothing"},
    {"{mounts = {{target = \"/x\"}}}", "mounts[1].type: expected " MOUNT_WORDS ", got nothing"},
    {"{mounts = {{type = \"tmpfs\", target = \"/x\"}}}",
     "mounts[1].type: expected " MOUNT_WORDS ", got \"tmpfs\""},
    {"{mounts = {{type = \"ram\"}}}", "mounts[1].target: expected absolute path, got nothing"},
    {"{mounts = {{type = \"ram\", target = \"/a\"}, {type = \"ram\", target = \"tmp\"}}}",
     "mounts[2].target: expected absolute path, got \"tmp\""},
    {"{mounts = {{type = \"ram\", target = \"/a\\0b\"}}}",
     "mounts[1].target: expected a string without NUL bytes, got \"/a\\0b\""},
    {"{mounts = {{type = \"ram\", target = \"/\"}}}",
     "mounts[1].target: expected a path below the root, got \"/\"; the root itself is set with "
     "root"},
    {"{mounts = {{type = \"ram\", target = \"//\"}}}",
     "mounts[1].target: expected a path below the root, got \"/\"; the root itself is set with "
     "root"},
    {"{mounts = {{type = \"ram\", target = \"/a/../..\"}}}",
     "mounts[1].target: expected a path below the root, got \"/\"; the root itself is set with "
     "root"},
    {"{mounts = {{type = \"ram\", target = \"/a\"}, {type = \"ram\", target = \"//a/.\"}}}",
     "mounts[2].target: expected a target of its own, got \"/a\", which an earlier mount has"},
    {"{mounts = {{type = \"ram\", target = \"/x\", source = \"/y\"}}}",
     "mounts[1].source: expected nothing for a ram mount, got \"/y\""},
    {"{mounts = {{type = \"ram\", target = \"/x\", size = 0}}}",
     "mounts[1].size: expected " SIZE_WORDS ", got 0"},
    {"{mounts = {{type = \"ram\", target = \"/x\", readonly = 0}}}",
     "mounts[1].readonly: expected true or false, got 0"},
    {"{mounts = {{type = \"ram\", target = \"/x\", noexec = \"yes\"}}}",
     "mounts[1].noexec: expected true or false, got \"yes\""},
    {"{mounts = {{type = \"bind\", target = \"/x\"}}}",
     "mounts[1].source: expected absolute path, got nothing"},
    {"{mounts = {{type = \"guest-bind\", target = \"/x\"}}}",
     "mounts[1].source: expected absolute path, got nothing"},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"dir\"}}}",
     "mounts[1].source: expected absolute path, got \"dir\""},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"@/none\"}}}",
     "mounts[1].source: expected a file or directory of the host, got \"@/none\": No such file or "
     "directory"},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"@/file/x\"}}}",
     "mounts[1].source: expected a file or directory of the host, got \"@/file/x\": Not a "
     "directory"},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"/dev/null\"}}}",
     "mounts[1].source: expected a regular file or a directory, got \"/dev/null\", which is "
     "neither"},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"@/fifo\"}}}",
     "mounts[1].source: expected a regular file or a directory, got \"@/fifo\", which is neither"},
    {"{mounts = {{type = \"bind\", target = \"/x\", source = \"@/dir\", size = \"1M\"}}}",
     "mounts[1].size: expected nothing for a mount of type \"bind\", got 1048576 bytes"},
    {"{mounts = {{type = \"guest-bind\", target = \"/x\", source = \"/y\", size = \"1M\"}}}",
     "mounts[1].size: expected nothing for a mount of type \"guest-bind\", got 1048576 bytes"},

    /* env, cwd */
    {"{env = \"A=1\"}", "env: expected a table of name = value, got \"A=1\""},
    {"{env = {\"A=1\"}}", "env: expected a table of name = value, got a table"},
    {"{env = {[\"A=B\"] = \"1\"}}",
     "env[\"A=B\"]: expected a variable's name, not empty and without \"=\""},
    {"{env = {[\"\"] = \"1\"}}",
     "env[\"\"]: expected a variable's name, not empty and without \"=\""},
    {"{env = {A = true}}", "env.A: expected a string, got true"},
    {"{env = {A = 1.5}}", "env.A: expected a string, got 1.5"},
    {"{env = {A = \"\\0\"}}", "env.A: expected a string without NUL bytes, got \"\\0\""},
    {"{env = {[\"A B\"] = {}}}", "env[\"A B\"]: expected a string, got a table"},
    {"{cwd = \"tmp\"}", "cwd: expected absolute path, got \"tmp\""},

    /* user, privileged */
    {"{user = \"no-such-user\"}",
     "user: expected a user of the root file system, got \"no-such-user\""},
    {"{user = \"root\", root = \"@/empty\"}",
     "user: expected a user of the root file system, got \"root\""},
    {"{user = \"\"}", "user: expected " USER_WORDS ", got \"\""},
    {"{user = -1}", "user: expected " USER_WORDS ", got -1"},
    {"{user = 4294967295}", "user: expected " USER_WORDS ", got 4294967295"},
    {"{user = \"4294967295\"}",
     "user: expected a user of the root file system, got \"4294967295\""},
    {"{user = 1.5}", "user: expected " USER_WORDS ", got 1.5"},
    {"{user = {}}", "user: expected " USER_WORDS ", got a table"},
    {"{user = \"a\\0b\"}", "user: expected a string without NUL bytes, got \"a\\0b\""},
    {"{privileged = 1}", "privileged: expected true or false, got 1"},

    /* memory, vcpus, max_output */
    {"{memory = \"12Q\"}", "memory: expected " SIZE_WORDS ", got \"12Q\""},
    {"{memory = \"-1\"}", "memory: expected " SIZE_WORDS ", got \"-1\""},
    {"{memory = \"+256M\"}", "memory: expected " SIZE_WORDS ", got \"+256M\""},
    {"{memory = \"99999999T\"}", "memory: expected " SIZE_WORDS ", got \"99999999T\""},
    {"{memory = \"\"}", "memory: expected " SIZE_WORDS ", got \"\""},
    {"{memory = \"1\\0M\"}", "memory: expected a string without NUL bytes, got \"1\\0M\""},
    {"{memory = -5}", "memory: expected " SIZE_WORDS ", got -5"},
    {"{memory = 0}", "memory: expected " SIZE_WORDS ", got 0"},
    {"{memory = 1.5}", "memory: expected " SIZE_WORDS ", got 1.5"},
    {"{memory = 1e300}", "memory: expected " SIZE_WORDS ", got 1e+300"},
    {"{memory = inf}", "memory: expected " SIZE_WORDS ", got inf"},
    {"{memory = nan}", "memory: expected " SIZE_WORDS ", got nan"},
    {"{memory = false}", "memory: expected " SIZE_WORDS ", got false"},
    {"{memory = \"127M\"}", "memory: expected at least 128M for a machine, got 133169152 bytes"},
    {"{memory = 1}", "memory: expected at least 128M for a machine, got 1 bytes"},
    {"{memory = \"15M\", connect = \"lxc:///\"}",
     "memory: expected at least 16M for a container, got 15728640 bytes"},
    {"{vcpus = 0}", "vcpus: expected an integer from 1 to 255, got 0"},
    {"{vcpus = 256}", "vcpus: expected an integer from 1 to 255, got 256"},
    {"{vcpus = -1}", "vcpus: expected an integer from 1 to 255, got -1"},
    {"{vcpus = 4294967297}", "vcpus: expected an integer from 1 to 255, got 4294967297"},
    {"{vcpus = 1.5}", "vcpus: expected an integer from 1 to 255, got 1.5"},
    {"{vcpus = \"2\"}", "vcpus: expected an integer from 1 to 255, got \"2\""},
    {"{vcpus = nan}", "vcpus: expected an integer from 1 to 255, got nan"},
    {"{max_output = \"2G\"}", "max_output: expected at most 1024M, got 2147483648 bytes"},
    {"{max_output = 0}", "max_output: expected " SIZE_WORDS ", got 0"},

    /* timeout, boot_timeout, input */
    {"{timeout = 0}", "timeout: expected " SECONDS_WORDS ", got 0"},
    {"{timeout = -1}", "timeout: expected " SECONDS_WORDS ", got -1"},
    {"{timeout = inf}", "timeout: expected " SECONDS_WORDS ", got inf"},
    {"{timeout = nan}", "timeout: expected " SECONDS_WORDS ", got nan"},
    {"{timeout = 4294968}", "timeout: expected " SECONDS_WORDS ", got 4294968"},
    {"{timeout = \"5\"}", "timeout: expected " SECONDS_WORDS ", got \"5\""},
    {"{boot_timeout = true}", "boot_timeout: expected " SECONDS_WORDS ", got true"},
    {"{input = 5}", "input: expected a string, got 5"},

    /* kernel */
    {"{kernel = \"6.1\"}", "kernel: expected a table of named fields, got \"6.1\""},
    {"{kernel = {\"6.1\"}}", "kernel: expected a table of named fields, got a table"},
    {"{kernel = {version = 6}}", "kernel.version: expected a string, got 6"},
    {"{kernel = {version = \"\"}}",
     "kernel.version: expected a string that is not empty, got \"\""},
    {"{kernel = {path = \"vmlinuz\"}}", "kernel.path: expected absolute path, got \"vmlinuz\""},
    {"{kernel = {modules = {}}}", "kernel.modules: expected absolute path, got a table"},
    {"{kernel = {extra_modules = \"fuse\"}}",
     "kernel.extra_modules: expected a list of strings, got \"fuse\""},
    {"{kernel = {extra_modules = {\"fuse\", 1}}}",
     "kernel.extra_modules[2]: expected a string, got 1"},
    {"{kernel = {cmdline = \"a\\nb\"}}",
     "kernel.cmdline: expected UTF-8 text without control characters, got \"a\\10b\""},
    {"{kernel = {cmdline = \"x\"}, connect = \"lxc:///\"}",
     "kernel: expected nothing " OWN_KERNEL ", got a table"},
    {"{kernel = {extra_modules = {}}, connect = \"lxc:///\"}",
     "kernel: expected nothing " OWN_KERNEL ", got a table"},
};

static void check_message(const GError *error, const char *expected)
{
    g_autofree char *message = with_scratch(expected);
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_error(error, LSB_ERROR, LSB_ERROR_INVALID);
    g_assert_cmpstr(lsb_error_name(error), ==, "invalid");
}

static void test_bad(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i].message);
        g_autoptr(GError) error = NULL;
        g_assert_null(read_recipe(bad[i].recipe, &error));
        check_message(error, bad[i].message);
        g_assert_null(read_recipe(bad[i].recipe, NULL));
    }
}

/* Each bind takes a descriptor of a call to libvirt, which has 32. */
static void test_many_binds(void)
{
    for (guint n = 28; n <= 29; n++) {
        g_autoptr(LsbValue) table = lsb_value_table();
        LsbValue *mounts = lsb_value_table();
        lsb_value_set(table, "mounts", mounts);
        for (guint i = 0; i < n; i++) {
            g_autofree char *text =
                g_strdup_printf("{type = \"bind\", source = \"@/dir\", target = \"/m%u\"}", i);
            lsb_value_append(mounts, recipe(text));
        }
        g_autoptr(GError) error = NULL;
        g_autoptr(LsbDescription) d = lsb_description_new(table, &error);
        if (n == 28)
            g_assert_nonnull(d);
        else
            check_message(error, "mounts: expected at most 28 bind mounts, got more");
    }
}

static void test_long_path(void)
{
    g_autofree char *a = g_strnfill(4094, 'a');
    g_autofree char *longest = g_strdup_printf("{cwd = \"/%s\"}", a);
    g_autoptr(LsbDescription) d = read_good(longest);
    g_assert_cmpuint(strlen(d->cwd), ==, 4095);
    g_autofree char *longer = g_strdup_printf("{cwd = \"/a%s\"}", a);
    g_autoptr(GError) error = NULL;
    g_assert_null(read_recipe(longer, &error));
    g_assert_true(g_str_has_prefix(
        error->message, "cwd: expected absolute path of less than 4096 bytes, got \"/aaa"));
    g_assert_true(g_str_has_suffix(error->message, "aaa...\""));
    g_assert_cmpuint(strlen(error->message), <, 150);
}

/* --- programs ----------------------------------------------------------------------------------
 */

#define STDIO_WORDS "one of \"pipe\", \"null\", \"inherit\", or a file"
#define ANNA        "{root = \"@/root\", user = \"anna\", "

static const struct {
    const char *recipe, *program, *member, *expected;
} good_programs[] = {
    {"{\"ls\"}", NULL, "command", "ls"},
    {"{\"ls\", input = \"x\"}", NULL, "input", "1:x"},
    {"{\"ls\", input = \"x\"}", NULL, "stdin", "pipe"},
    {"{\"ls\", input = \"x\"}", "{\"cat\"}", "input", "-"},
    {"{\"ls\"}", NULL, "stdin", "null"},
    {"{\"ls\"}", NULL, "stdout", "pipe"},
    {"{\"ls\"}", NULL, "stderr", "inherit"},
    {"{}", "{\"sort\", \"-u\"}", "command", "sort|-u"},
    {"{\"ls\"}", "{\"sort\", \"-u\"}", "command", "sort|-u"},
    {"{}", "{command = {\"sort\"}}", "command", "sort"},
    {"{}", "{command = \"sort\"}", "command", "sort"},
    {"{}", "{\"a\", stdin = \"inherit\"}", "stdin", "inherit"},
    {"{}", "{\"a\", stdout = \"null\"}", "stdout", "null"},
    {"{}", "{\"a\", stderr = \"pipe\"}", "stderr", "pipe"},
    {"{}", "{\"a\", input = \"\\0\"}", "input", "1:"},
    {"{}", "{\"a\", input = \"x\"}", "stdin", "pipe"},
    {"{}", "{\"a\"}", "cwd", "/"},
    {"{cwd = \"/tmp\"}", "{\"a\"}", "cwd", "/tmp"},
    {"{cwd = \"/tmp\"}", "{\"a\", cwd = \"/usr/.\"}", "cwd", "/usr"},
    {"{}", "{\"a\"}", "timeout", "0"},
    {"{timeout = 9}", "{\"a\"}", "timeout", "0"}, /* the recipe's is the sandbox's */
    {"{}", "{\"a\", timeout = 0.5}", "timeout", "0.5"},
    {"{}", "{\"a\"}", "privileged", "false"},
    {"{privileged = true}", "{\"a\"}", "privileged", "true"},
    {"{privileged = true}", "{\"a\", privileged = false}", "privileged", "false"},
    {ANNA "}", "{\"a\"}", "user", "anna 1000:100 /people/anna +27 +44"},
    {ANNA "}", "{\"a\", user = 0}", "user", "root 0:0 /root"},
    {ANNA "}", "{\"a\"}", "env", ANNAS_ENV},
    {ANNA "env = {A = \"1\", B = \"2\"}}", "{\"a\", env = {B = \"3\", C = 4}}", "env",
     ANNAS_ENV "|A=1|B=3|C=4"},
    {ANNA "env = {A = \"1\"}}", "{\"a\", user = \"root\"}", "env",
     "PATH=" PATHS "|HOME=/root|USER=root|LOGNAME=root|TERM=dumb|LANG=C.UTF-8|A=1"},
};

static const struct {
    const char *program, *message;
} bad_programs[] = {
    {NULL, "command: expected a program and its arguments, got nothing"},
    {"{}", "command: expected a program and its arguments, got nothing"},
    {"{stdin = \"null\"}", "command: expected a program and its arguments, got nothing"},
    {"\"ls\"", "program: expected a table, got \"ls\""},
    {"{command = {}}", "command: expected a program and its arguments, got an empty list"},
    {"{\"\"}", "[1]: expected a program, got \"\""},
    {"{\"a\", {}}", "[2]: expected a string, got a table"},
    {"{\"a\", command = \"b\"}",
     "command: expected either this field or the elements [1], [2] ..., got both"},
    {"{\"a\", stdin = \"tty\"}", "stdin: expected " STDIO_WORDS ", got \"tty\""},
    {"{\"a\", stdout = 1}", "stdout: expected " STDIO_WORDS ", got 1"},
    {"{\"a\", stderr = {}}", "stderr: expected " STDIO_WORDS ", got a table"},
    {"{\"a\", stdo = \"pipe\"}", "stdo: unknown key; did you mean \"stdin\"?"},
    {"{\"a\", memory = \"1G\"}", "memory: unknown key"},
    {"{\"a\", cwd = \".\"}", "cwd: expected absolute path, got \".\""},
    {"{\"a\", user = \"no-such-user\"}",
     "user: expected a user of the root file system, got \"no-such-user\""},
    {"{\"a\", privileged = \"true\"}", "privileged: expected true or false, got \"true\""},
    {"{\"a\", env = {1}}", "env: expected a table of name = value, got a table"},
    {"{\"a\", env = {[\"=\"] = 1}}",
     "env[\"=\"]: expected a variable's name, not empty and without \"=\""},
    {"{\"a\", timeout = -0.5}", "timeout: expected " SECONDS_WORDS ", got -0.5"},
    {"{\"a\", input = true}", "input: expected a string, got true"},
};

static void test_programs(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good_programs); i++) {
        const char *program = good_programs[i].program, *member = good_programs[i].member;
        g_test_message("%s %s: %s", good_programs[i].recipe, program, member);
        g_autoptr(GError) error = NULL;
        g_autoptr(LsbProgramSpec) spec = read_program(good_programs[i].recipe, program, &error);
        g_assert_no_error(error);
        g_autofree char *got = show(program_members, G_N_ELEMENTS(program_members), member, spec);
        g_assert_cmpstr(got, ==, good_programs[i].expected);
    }
}

static void test_bad_programs(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_programs); i++) {
        g_test_message("%s", bad_programs[i].message);
        g_autoptr(GError) error = NULL;
        g_assert_null(read_program("{}", bad_programs[i].program, &error));
        check_message(error, bad_programs[i].message);
        g_assert_null(read_program("{}", bad_programs[i].program, NULL));
    }
}

/* --- defaults ----------------------------------------------------------------------------------
 */

/* The ancestor's two sandboxes with the default name destroyed each other. */
static void test_names_are_unique(void)
{
    enum { MANY = 1000 };
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < MANY; i++) {
        g_autoptr(LsbDescription) d = read_good("{}");
        g_assert_true(g_str_has_prefix(d->name, "lsandbox-"));
        g_hash_table_add(names, g_strdup(d->name));
    }
    g_assert_cmpuint(g_hash_table_size(names), ==, MANY);
}

static void test_environment_is_clean(void)
{
    static const char *const expected[] = {"PATH=", "HOME=", "USER=", "LOGNAME=", "TERM=", "LANG="};
    g_setenv("LSANDBOX_TEST_SECRET", "1", TRUE);
    g_setenv("TERM", "vt100", TRUE);
    g_setenv("LANG", "de_DE.UTF-8", TRUE);
    g_autoptr(LsbDescription) d = read_good("{}");
    g_assert_cmpuint(g_strv_length(d->env), ==, G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_true(g_str_has_prefix(d->env[i], expected[i]));
    g_assert_cmpstr(d->env[4], ==, "TERM=vt100");
    g_assert_cmpstr(d->env[5], ==, "LANG=de_DE.UTF-8");
    g_unsetenv("LSANDBOX_TEST_SECRET");
    g_setenv("TERM", "", TRUE);
    g_unsetenv("LANG");
}

static void test_default_user(void)
{
    g_autoptr(LsbDescription) d = read_good("{}");
    const struct passwd *pw = getpwuid(geteuid());
    if (geteuid() == 0) {
        g_assert_cmpuint(d->identity->uid, ==, 65534);
        g_assert_cmpuint(d->identity->gid, !=, 0);
        g_autofree char *home = g_build_filename("/home", d->identity->name, NULL);
        g_assert_cmpstr(d->identity->home, ==, home);
    } else {
        g_assert_cmpuint(d->identity->uid, ==, geteuid());
        g_assert_cmpuint(d->identity->gid, ==, pw ? pw->pw_gid : geteuid());
        g_assert_cmpstr(d->identity->name, ==, pw ? pw->pw_name : d->identity->name);
    }
    for (guint i = 0; i < d->identity->groups->len; i++)
        g_assert_cmpuint(g_array_index(d->identity->groups, gid_t, i), !=, d->identity->gid);
}

static void test_default_uri(void)
{
    g_setenv("LIBVIRT_DEFAULT_URI", "lxc:///", TRUE);
    g_autoptr(LsbDescription) container = read_good("{}");
    g_assert_cmpstr(container->uri, ==, "lxc:///");
    g_assert_cmpint(container->kind, ==, LSB_CONTAINER);
    g_autoptr(LsbDescription) own = read_good("{connect = \"qemu:///embed\"}");
    g_assert_cmpint(own->kind, ==, LSB_MACHINE);
    g_setenv("LIBVIRT_DEFAULT_URI", "xen:///", TRUE);
    g_autoptr(GError) error = NULL;
    g_assert_null(read_recipe("{}", &error));
    check_message(error, "LIBVIRT_DEFAULT_URI: expected " URI_WORDS ", got \"xen:///\"");
    g_setenv("LIBVIRT_DEFAULT_URI", "", TRUE);
    g_autoptr(LsbDescription) machine = read_good("{}");
    g_assert_cmpstr(machine->uri, ==, "qemu:///embed");
    g_unsetenv("LIBVIRT_DEFAULT_URI");
}

/* --- identities --------------------------------------------------------------------------------
 */

static void test_copy_of_identity(void)
{
    g_autoptr(LsbDescription) d = read_good(ANNA "}");
    LsbIdentity *copy = lsb_identity_copy(d->identity);
    g_autofree char *before = show_identity(d->identity), *after = show_identity(copy);
    g_assert_cmpstr(before, ==, after);
    lsb_identity_free(copy);
    lsb_identity_free(NULL);
}

/*
 * "/home-2" sorts between "/home" and "/home/anna", and hid from the loop that the latter lies in
 * the former. A home that is "//" or "/x/.." is the root, and must not be hidden.
 */
static void test_homes(void)
{
    g_autofree char *root = g_build_filename(scratch, "homes", NULL);
    g_auto(GStrv) homes = lsb_identity_homes(root);
    g_autofree char *got = g_strjoinv(" ", homes);
    g_assert_cmpstr(got, ==, "/data/people /home /home-2 /root /var/lib/someone");
}

/* main() has set HOME to "//", which is the root itself. */
static void test_own_home(void)
{
    g_assert_cmpstr(g_get_home_dir(), ==, "//");
    g_auto(GStrv) homes = lsb_identity_homes("/");
    for (char **home = homes; *home; home++)
        g_assert_true((*home)[0] == '/' && (*home)[1] && (*home)[1] != '/');
}

/* --- values ------------------------------------------------------------------------------------
 */

static const struct {
    const char *value, *shown;
} values[] = {
    {"true", "true"},
    {"-9223372036854775807", "-9223372036854775807"},
    {"0.1", "0.1"},
    {"inf", "inf"},
    {"\"\"", "\"\""},
    {"\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
    {"\"\\0\\n\\127\"", "\"\\0\\10\\127\""},
    {"\"\\195\\164\\195\"", "\"\xc3\xa4\\195\""},
    {"\"\\194\\155\\226\\128\\174\"",
     "\"\\194\\155\\226\\128\\174\""}, /* a terminal's CSI; right to left */
    {"{}", "a table"},
    {"function", "a function"},
};

static void test_values(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(LsbValue) value = recipe(values[i].value);
        g_autofree char *shown = lsb_value_show(value);
        g_assert_cmpstr(shown, ==, values[i].shown);
    }
    g_autofree char *umlauts = g_strnfill(61, 'a');
    memcpy(umlauts + 59, "\xc3\xa4", 2); /* the cut would fall into it */
    g_autoptr(LsbValue) value = lsb_value_string(umlauts, -1);
    g_autofree char *shown = lsb_value_show(value);
    g_assert_true(g_utf8_validate(shown, -1, NULL));
    g_assert_true(g_str_has_suffix(shown, "a\xc3\xa4...\""));
}

static void test_tables(void)
{
    g_autoptr(LsbValue) table = recipe("{b = 1, a = 2, c = 3, b = 4}");
    g_assert_cmpuint(table->u.table.pairs->len, ==, 3);
    g_assert_cmpstr(((LsbPair *)table->u.table.pairs->pdata[0])->key, ==, "a");
    g_assert_cmpint(lsb_value_get(table, "b")->u.integer, ==, 4);
    g_assert_null(lsb_value_get(table, "d"));
    lsb_value_free(NULL);
}

/* --- random trees ------------------------------------------------------------------------------
 */

static const char *const random_keys[] = {
    "command",  "name",    "connect",       "accel",      "root",  "root_mode",  "home",
    "mounts",   "env",     "cwd",           "hostname",   "user",  "privileged", "memory",
    "vcpus",    "timeout", "boot_timeout",  "max_output", "input", "kernel",     "version",
    "path",     "modules", "extra_modules", "cmdline",    "type",  "source",     "target",
    "readonly", "nosuid",  "nodev",         "noexec",     "size",  "stdin",      "stdout",
    "stderr",   "",        "a=b",           "memmory",    "x",
};
static const char *const random_texts[] = {
    "",     "/",          "//",       "/tmp",          "/usr/..",
    "ls",   "ram",        "bind",     "guest-bind",    "overlay",
    "host", "private",    "lxc:///",  "qemu:///embed", "tcg",
    "64M",  "1T",         "256M",     "99999999T",     "root",
    "0",    "4294967294", "pipe",     "a\nb",          "\xff/",
    "x=y",  "/dev/null",  "readonly", "/\xc3",         "\xf0\x9f\x92",
};
static const gint64 random_integers[] = {G_MININT64, -1,  0,           1,          2,
                                         255,        256, G_MAXUINT32, G_MAXINT64, 1 << 28};
static const double random_numbers[] = {0.0,    -0.0,     1.0, 1.5,    1e300,
                                        -1e300, INFINITY, NAN, 0x1p63, 268435456.0};

#define PICK(rand, array) ((array)[g_rand_int_range((rand), 0, G_N_ELEMENTS(array))])

static LsbValue *random_bytes(GRand *rand)
{
    char bytes[80];
    gint32 n = g_rand_int_range(rand, 0, sizeof bytes);
    for (gint32 i = 0; i < n; i++)
        bytes[i] = (char)g_rand_int_range(rand, 0, 256);
    return lsb_value_string(bytes, n);
}

static LsbValue *random_value(GRand *rand, int depth);

static LsbValue *random_table(GRand *rand, int depth)
{
    LsbValue *table = lsb_value_table();
    for (int i = g_rand_int_range(rand, 0, 5); i > 0; i--)
        lsb_value_set(table, PICK(rand, random_keys), random_value(rand, depth + 1));
    if (g_rand_int_range(rand, 0, 3) == 0)
        for (int i = g_rand_int_range(rand, 0, 4); i > 0; i--)
            lsb_value_append(table, random_value(rand, depth + 1));
    return table;
}

static LsbValue *random_value(GRand *rand, int depth)
{
    switch (g_rand_int_range(rand, 0, depth > 3 ? 7 : 10)) {
    case 0:
        return lsb_value_boolean(g_rand_boolean(rand));
    case 1:
        return lsb_value_integer(PICK(rand, random_integers));
    case 2:
        return lsb_value_number(PICK(rand, random_numbers));
    case 3:
        return random_bytes(rand);
    case 4:
        return lsb_value_other("function");
    case 5:
    case 6:
        return lsb_value_string(PICK(rand, random_texts), -1);
    default:
        return random_table(rand, depth);
    }
}

/* A good recipe in which one field, at any depth, is replaced: gets further than pure chance does.
 */
static LsbValue *nearly_good(GRand *rand)
{
    LsbValue *value = recipe(
        "{\"ls\", mounts = {{type = \"ram\", target = \"/x\"}, {type = \"bind\", source = "
        "\"@/dir\", "
        "target = \"/y\"}}, env = {A = \"b\"}, kernel = {cmdline = \"x\"}, memory = \"1G\"}");
    LsbValue *at = value;
    if (g_rand_boolean(rand)) {
        GPtrArray *mounts = lsb_value_get(value, "mounts")->u.table.items;
        at = mounts->pdata[g_rand_int_range(rand, 0, (gint32)mounts->len)];
    }
    lsb_value_set(at, PICK(rand, random_keys), random_value(rand, 1));
    return value;
}

static gboolean is_sound(const GError *error)
{
    return error && error->domain == LSB_ERROR && error->code == LSB_ERROR_INVALID &&
           g_utf8_validate(error->message, -1, NULL) && strlen(error->message) < 1000;
}

static gboolean read_random(const LsbValue *value, const LsbValue *program)
{
    g_autoptr(GError) error = NULL, cause = NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
    g_assert_true(d ? !error : is_sound(error));
    g_autoptr(LsbDescription) usual = d ? NULL : read_good("{}");
    g_autoptr(LsbProgramSpec) spec =
        lsb_program_spec_new(d ? d : usual, program, usual_stdio, &cause);
    g_assert_true(spec ? !cause : is_sound(cause));
    return d != NULL;
}

static void test_random_trees(void)
{
    enum { ROUNDS = 6000, SEED = 20240607 };
    GRand *rand = g_rand_new_with_seed(SEED);
    int read = 0;
    for (int i = 0; i < ROUNDS; i++) {
        g_autoptr(LsbValue) value = i % 2 ? nearly_good(rand) : random_value(rand, 0);
        g_autoptr(LsbValue) program = random_value(rand, 0);
        read += read_random(value, program);
    }
    g_rand_free(rand);
    g_test_message("%d of %d were good recipes", read, (int)ROUNDS);
    g_assert_cmpint(read, >, 0);
    g_assert_cmpint(read, <, ROUNDS);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void make_files(void)
{
    scratch_make();
    scratch_dir("dir");
    scratch_dir("empty");
    scratch_file("file", "x");
    g_autofree char *link = g_build_filename(scratch, "link", NULL),
                    *fifo = g_build_filename(scratch, "fifo", NULL);
    g_assert_cmpint(symlink("dir", link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autofree char *passwd = with_scratch("root:x:0:0:root:/root:/bin/sh\n"
                                           "daemon:x:2:2::/nonexistent:/bin/false\n"
                                           "slash:x:3:3::/:/bin/false\n"
                                           "anna:x:1000:100:Anna:/people/anna:/bin/sh\n"
                                           "lena:x:1001:100:Lena:@/dir:/bin/sh\n"
                                           "not a line\n");
    scratch_file("root/etc/passwd", passwd);
    scratch_file("root/etc/group", "users:x:100:anna\nsudo:x:27:lena,anna\nvideo:x:44:anna\n");
    scratch_file("homes/etc/passwd", "root:x:0:0::/root:/bin/sh\n"
                                     "a:x:1000:1000::/home/a:/bin/sh\n"
                                     "b:x:1001:1000::/home-2:/bin/sh\n"
                                     "c:x:1002:1000:://:/bin/sh\n"
                                     "d:x:1003:1000::/x/..:/bin/sh\n"
                                     "e:x:1004:1000::/usr/../var/lib:/bin/sh\n"
                                     "f:x:1005:1000:://data/people/./f/..:/bin/sh\n"
                                     "g:x:1006:1000::/data/people/g:/bin/sh\n"
                                     "h:x:1007:1000::/usr/lib/h:/bin/sh\n"
                                     "i:x:1008:1000::home/i:/bin/sh\n"
                                     "j:x:1009:1000:::/bin/sh\n"
                                     "k:x:1010:1000::/var/lib/someone:/bin/sh\n"
                                     "system:x:500:500::/srv/system:/bin/false\n"
                                     "nobody:x:65534:65534::/srv/nobody:/bin/false\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    g_unsetenv("LANG");
    g_unsetenv("TERM");
    g_setenv("HOME", "//", TRUE); /* before GLib asks for it: it remembers */
    make_files();
    g_test_add_func("/description/good", test_good);
    g_test_add_func("/description/bad", test_bad);
    g_test_add_func("/description/many-binds", test_many_binds);
    g_test_add_func("/description/long-path", test_long_path);
    g_test_add_func("/description/names-are-unique", test_names_are_unique);
    g_test_add_func("/description/environment-is-clean", test_environment_is_clean);
    g_test_add_func("/description/default-user", test_default_user);
    g_test_add_func("/description/default-uri", test_default_uri);
    g_test_add_func("/description/random-trees", test_random_trees);
    g_test_add_func("/program/good", test_programs);
    g_test_add_func("/program/bad", test_bad_programs);
    g_test_add_func("/identity/copy", test_copy_of_identity);
    g_test_add_func("/identity/homes", test_homes);
    g_test_add_func("/identity/own-home", test_own_home);
    g_test_add_func("/value/show", test_values);
    g_test_add_func("/value/table", test_tables);
    int result = g_test_run();
    scratch_remove();
    return result;
}
