/*
 * Bad recipes: every field's bad values and the exact message, and random trees that must be read
 * or refused without a fault.
 */

#include "session/profile.h"
#include "base/error.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "session/spec.h"
#include "reading.h"

/* --- bad recipes --- */

#define SIZE_WORDS "a size like 1048576, \"64K\", \"256M\" or \"2GiB\""
#define NAME_WORDS                                                                                 \
    "at most 64 letters, digits, \"-\", \"_\" and \".\", the first neither \"-\" nor \".\""
#define USER_WORDS    "a user name or a number from 0 to 4294967294"
#define MOUNT_WORDS   "one of \"bind\", \"ram\", \"guest-bind\", \"overlay\", \"image\""
#define COMMAND_WORDS "a program, or a list of a program and its arguments"
#define SECONDS_WORDS "a number of seconds above 0, at most 4294967"
#define OWN_KERNEL    "for a container, which runs on the host's own kernel"

static const struct {
    const char *recipe, *message;
} bad[] = {
    {"12", "recipe: expected a table, got 12"},
    {"\"ls\"", "recipe: expected a table, got \"ls\""},
    {"\"<function>\"", "recipe: expected a table, got a function"},

    /* keys */
    {"{memmory = \"1G\"}", "memmory: unknown key; did you mean \"memory\"?"},
    {"{memroy = 1}", "memroy: unknown key; did you mean \"memory\"?"},
    {"{Memory = 1}", "Memory: unknown key; did you mean \"memory\"?"},
    {"{root_mod = 1}", "root_mod: unknown key; did you mean \"root_mode\"?"},
    {"{netwrk = {}}", "netwrk: unknown key; did you mean \"network\"?"},
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
    {"{\"<function>\"}", "[1]: expected a string, got a function"},

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
    {"{root = \"@/none\"}", "root: expected a directory or a disk image with a filesystem, got "
                            "\"@/none\": No such file or "
                            "directory"},
    {"{root = \"@/file\"}",
     "root: expected a directory or a disk image with a filesystem, got \"@/file\", which has 1 "
     "bytes, too few for a disk's sector of 512"},
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
     "mounts[1].source: expected nothing for a mount of type \"ram\", got \"/y\""},
    {"{mounts = {{type = \"ram\", target = \"/x\", size = 0}}}",
     "mounts[1].size: expected " SIZE_WORDS ", got 0"},
    {"{mounts = {{type = \"ram\", target = \"/x\", readonly = 0}}}",
     "mounts[1].readonly: expected true or false, got 0"},
    {"{mounts = {{type = \"ram\", target = \"/x\", noexec = \"yes\"}}}",
     "mounts[1].noexec: expected true or false, got \"yes\""},
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
     "mounts[1].size: expected nothing for a mount of type \"bind\", got \"1M\""},
    {"{mounts = {{type = \"guest-bind\", target = \"/x\", source = \"/y\", size = \"1M\"}}}",
     "mounts[1].size: expected nothing for a mount of type \"guest-bind\", got \"1M\""},

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
    {"{memory = 1e999}", "memory: expected " SIZE_WORDS ", got inf"},
    {"{memory = \"<nan>\"}", "memory: expected " SIZE_WORDS ", got nan"},
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
    {"{vcpus = \"<nan>\"}", "vcpus: expected an integer from 1 to 255, got nan"},
    {"{max_output = \"2G\"}", "max_output: expected at most 1024M, got 2147483648 bytes"},
    {"{max_output = 0}", "max_output: expected " SIZE_WORDS ", got 0"},

    /* timeout, boot_timeout, input */
    {"{timeout = 0}", "timeout: expected " SECONDS_WORDS ", got 0"},
    {"{timeout = -1}", "timeout: expected " SECONDS_WORDS ", got -1"},
    {"{timeout = 1e999}", "timeout: expected " SECONDS_WORDS ", got inf"},
    {"{timeout = \"<nan>\"}", "timeout: expected " SECONDS_WORDS ", got nan"},
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
    for (guint n = 27; n <= 28; n++) {
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
        if (n == 27)
            g_assert_nonnull(d);
        else
            check_message(
                error,
                "mounts: expected at most 27 directories, files and images of the host, got more");
    }
}

/* --- bad programs --- */

#define STDIO_WORDS "one of \"pipe\", \"null\", \"inherit\", or a file"

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

/* --- random trees --- */

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

/*
 * A good recipe in which one field, at any depth, is replaced, which reaches more code than a tree
 * of random values does.
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
    g_autoptr(LsbProfile) profile = lsb_profile_new(d ? d : usual);
    g_autoptr(LsbProgramSpec) spec =
        lsb_program_spec_new(profile, program, usual_stdio, &cause);
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

int main(int argc, char **argv)
{
    static const DescriptionTest tests[] = {
        {"/description/bad", test_bad},
        {"/description/many-binds", test_many_binds},
        {"/description/random-trees", test_random_trees},
        {"/program/bad", test_bad_programs},
    };
    g_test_init(&argc, &argv, NULL);
    return run_tests(tests, G_N_ELEMENTS(tests));
}
