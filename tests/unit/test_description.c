/*
 * Good recipes: every field's good values and what the description has then, and the defaults.
 */
#include <pwd.h>

#include "recipe/driver.h"
#include "recipe/description.h"
#include "recipe/descriptionsteps.h"
#include "recipe/value/value.h"
#include "session/spec.h"
#include "recipe/identity/identity.h"
#include "reading.h"

/* --- showing --- */

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
    M("privileged", FLAG, rights.privileged),
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
    M("privileged", FLAG, rights.privileged),
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

/* --- good recipes --- */

#define ANNA      "{root = \"@/root\", user = \"anna\", "
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
     "mounts", "bind @/dir /f ro 0"},
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

/* --- programs --- */

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
    {"{timeout = 9}", "{\"a\"}", "timeout", "0"}, /* the recipe's timeout is that of the sandbox */
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

/* --- defaults --- */

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

/* No step needs a fact that only a later step gives, and each fact is given by one step. */
static void test_steps(void)
{
    guint given = 0;
    for (const LsbDescriptionStep *step = lsb_description_steps; step->run; step++) {
        g_assert_cmpuint(step->needs & ~given, ==, 0);
        g_assert_cmpuint(step->gives & given, ==, 0);
        given |= step->gives;
    }
    g_assert_cmpuint(given, ==, LSB_FACT_PROGRAM * 2 - 1); /* every fact up to the last */
}

/* --- identities --- */

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

/* --- values --- */

static const struct {
    const char *value, *shown;
} values[] = {
    {"true", "true"},
    {"-9223372036854775807", "-9223372036854775807"},
    {"0.1", "0.1"},
    {"1e999", "inf"},
    {"\"\"", "\"\""},
    {"\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
    {"\"\\0\\n\\127\"", "\"\\0\\10\\127\""},
    {"\"\\195\\164\\195\"", "\"\xc3\xa4\\195\""},
    {"\"\\194\\155\\226\\128\\174\"",
     "\"\\194\\155\\226\\128\\174\""}, /* CSI, and right-to-left override */
    {"{}", "a table"},
    {"\"<function>\"", "a function"},
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
    static const char *const keys[] = {"b", "a", "c", "b"};
    g_autoptr(LsbValue) table = lsb_value_table();
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        lsb_value_set(table, keys[i], lsb_value_integer((gint64)i + 1));
    g_assert_cmpuint(table->u.table.pairs->len, ==, 3);
    g_assert_cmpstr(((LsbPair *)lsb_value_pairs(table)->pdata[0])->key, ==, "a");
    g_assert_cmpint(lsb_value_get(table, "b")->u.integer, ==, 4);
    g_assert_null(lsb_value_get(table, "d"));
    lsb_value_free(NULL);
}

int main(int argc, char **argv)
{
    static const DescriptionTest tests[] = {
        {"/description/good", test_good},
        {"/description/long-path", test_long_path},
        {"/description/names-are-unique", test_names_are_unique},
        {"/description/environment-is-clean", test_environment_is_clean},
        {"/description/default-user", test_default_user},
        {"/description/default-uri", test_default_uri},
        {"/description/steps", test_steps},
        {"/program/good", test_programs},
        {"/identity/copy", test_copy_of_identity},
        {"/identity/homes", test_homes},
        {"/identity/own-home", test_own_home},
        {"/value/show", test_values},
        {"/value/table", test_tables},
    };
    g_test_init(&argc, &argv, NULL);
    return run_tests(tests, G_N_ELEMENTS(tests));
}
