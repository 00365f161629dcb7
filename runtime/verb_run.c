#include "run.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "sandbox.h"

typedef struct {
    LsbValue *recipe;
    LsbValue *mounts, *env;
    gboolean xml, times;
} Options;

/* Options that are recipe fields of the same name, with "-" for "_". */
static gboolean set_text(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    g_autofree char *key = g_strdelimit(g_strdup(option + strspn(option, "-")), "-", '_');
    lsb_value_set(o->recipe, strcmp(key, "c") == 0 ? "connect" : key, lsb_value_string(value, -1));
    return TRUE;
}

static gboolean set_number(const char *option, const char *value, gpointer data, GError **error)
{
    Options *o = data;
    char *end;
    double number = g_ascii_strtod(value, &end);
    if (end == value || *end) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s: expected a number, got \"%s\"", option, value);
        return FALSE;
    }
    g_autofree char *key = g_strdelimit(g_strdup(option + strspn(option, "-")), "-", '_');
    gboolean whole = number == (double)(gint64)number;
    lsb_value_set(o->recipe, key,
                  whole ? lsb_value_integer((gint64)number) : lsb_value_number(number));
    return TRUE;
}

static gboolean set_flag(const char *option, const char *value, gpointer data, GError **error)
{
    (void)value;
    (void)error;
    Options *o = data;
    lsb_value_set(o->recipe, option + strspn(option, "-"), lsb_value_boolean(TRUE));
    return TRUE;
}

/* --tty, --no-tty */
static gboolean set_tty(const char *option, const char *value, gpointer data, GError **error)
{
    (void)value;
    (void)error;
    Options *o = data;
    lsb_value_set(o->recipe, "tty", lsb_value_boolean(strcmp(option, "--tty") == 0));
    return TRUE;
}

static gboolean set_kernel(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    const LsbValue *there = lsb_value_get(o->recipe, "kernel");
    LsbValue *kernel = (LsbValue *)there;
    if (!kernel)
        lsb_value_set(o->recipe, "kernel", kernel = lsb_value_table());
    const char *key = strcmp(option, "--kernel") == 0 ? "path" : option + strlen("--kernel-");
    lsb_value_set(kernel, key, lsb_value_string(value, -1));
    return TRUE;
}

static gboolean add_env(const char *option, const char *value, gpointer data, GError **error)
{
    Options *o = data;
    const char *equals = strchr(value, '=');
    if (!equals) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s: expected NAME=VALUE, got \"%s\"", option, value);
        return FALSE;
    }
    g_autofree char *name = g_strndup(value, (gsize)(equals - value));
    lsb_value_set(o->env, name, lsb_value_string(equals + 1, -1));
    return TRUE;
}

/* --bind SOURCE[:TARGET]; a colon in a path needs a recipe */
static gboolean add_bind(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    LsbValue *mount = lsb_value_table();
    lsb_value_set(mount, "type", lsb_value_string("bind", -1));
    lsb_value_set(mount, "source", lsb_value_string(parts[0], -1));
    lsb_value_set(mount, "target", lsb_value_string(parts[1] ? parts[1] : parts[0], -1));
    lsb_value_set(mount, "readonly", lsb_value_boolean(strcmp(option, "--bind-rw") != 0));
    lsb_value_append(o->mounts, mount);
    return TRUE;
}

/* --ram TARGET[:SIZE] */
static gboolean add_ram(const char *option, const char *value, gpointer data, GError **error)
{
    (void)option;
    (void)error;
    Options *o = data;
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    LsbValue *mount = lsb_value_table();
    lsb_value_set(mount, "type", lsb_value_string("ram", -1));
    lsb_value_set(mount, "target", lsb_value_string(parts[0], -1));
    if (parts[1])
        lsb_value_set(mount, "size", lsb_value_string(parts[1], -1));
    lsb_value_append(o->mounts, mount);
    return TRUE;
}

static gboolean set_xml(const char *option, const char *value, gpointer data, GError **error)
{
    (void)value;
    (void)error;
    Options *o = data;
    *(strcmp(option, "--xml") == 0 ? &o->xml : &o->times) = TRUE;
    return TRUE;
}

#define FIELD(name, func, text, arg)                                                               \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)func, text, arg                               \
    }
#define FLAG(name, func, text)                                                                     \
    {                                                                                              \
        name, 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)func, text, NULL           \
    }

static const GOptionEntry entries[] = {
    {"connect", 'c', 0, G_OPTION_ARG_CALLBACK, (gpointer)set_text,
     "libvirt connection (default qemu:///embed)", "URI"},
    FIELD("name", set_text, "name of the sandbox (default: a unique one)", "NAME"),
    FIELD("accel", set_text, "auto, kvm or tcg", "WORD"),
    FIELD("memory", set_text, "memory (default 256M)", "SIZE"),
    FIELD("vcpus", set_number, "processors (default 1)", "N"),
    FIELD("root", set_text, "root file system (default /)", "DIR"),
    FIELD("root-mode", set_text, "readonly (default) or overlay: writes vanish", "WORD"),
    FIELD("home", set_text, "private (default), host, or a directory", "WORD"),
    FIELD("bind", add_bind, "show a host file or directory, read-only", "SOURCE[:TARGET]"),
    FIELD("bind-rw", add_bind, "the same, writable", "SOURCE[:TARGET]"),
    FIELD("ram", add_ram, "mount an empty directory in memory", "TARGET[:SIZE]"),
    FIELD("env", add_env, "set a variable of the program's environment", "NAME=VALUE"),
    FIELD("cwd", set_text, "directory to start in", "DIR"),
    FIELD("hostname", set_text, "host name inside", "NAME"),
    FIELD("user", set_text, "user to run as (default: you; nobody for root)", "USER"),
    FLAG("privileged", set_flag, "keep all capabilities inside"),
    FLAG("tty", set_tty, "give the program a terminal (default: where stdin and stdout are one)"),
    FLAG("no-tty", set_tty, "give it pipes, also where they are"),
    FIELD("timeout", set_number, "end the sandbox after this time", "SECONDS"),
    FIELD("boot-timeout", set_number, "how long it may take to come up", "SECONDS"),
    FIELD("idle-timeout", set_number, "kill the sandbox after so long without output or input",
          "SECONDS"),
    FIELD("kernel", set_kernel, "kernel image of a machine", "FILE"),
    FIELD("kernel-version", set_kernel, "installed kernel to use", "RELEASE"),
    FIELD("kernel-modules", set_kernel, "directory of its modules", "DIR"),
    FIELD("kernel-cmdline", set_kernel, "more kernel arguments", "ARGUMENTS"),
    FLAG("xml", set_xml, "print the domain XML and start nothing"),
    FLAG("times", set_xml, "say on stderr what took how long"),
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

static gboolean parse(int *argc, char ***argv, Options *o, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new("-- PROGRAM [ARGUMENTS ...]");
    GOptionGroup *group = g_option_group_new("run", "", "", o, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_strict_posix(context, TRUE); /* the program's options are its own */
    g_option_context_set_summary(context, "Run a program in a sandbox; exit with its status.");
    return g_option_context_parse(context, argc, argv, error);
}

static LsbDescription *describe(Options *o, int argc, char **argv, GError **error)
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (first >= argc) {
        g_set_error(error, LSB_ERROR, LSB_ERROR_INVALID,
                    "run: expected a program after the options; see lsandbox run --help");
        return NULL;
    }
    for (int i = first; i < argc; i++)
        lsb_value_append(o->recipe, lsb_value_string(argv[i], -1));
    return lsb_description_new(o->recipe, error);
}

static int print_xml(LsbDescription *d)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbSandbox) sb = lsb_sandbox_new(d);
    g_autofree char *xml = lsb_sandbox_xml(sb, &error);
    if (!xml) {
        lsb_complain("%s [%s]", error->message, lsb_error_name(error));
        return LSB_EXIT_FAILURE;
    }
    fputs(xml, stdout);
    return 0;
}

int lsb_verb_run(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) recipe = lsb_value_table();
    Options o = {.recipe = recipe, .mounts = lsb_value_table(), .env = lsb_value_table()};
    lsb_value_set(recipe, "mounts", o.mounts);
    lsb_value_set(recipe, "env", o.env);
    g_set_prgname("lsandbox run");
    LsbDescription *d = parse(&argc, &argv, &o, &error) ? describe(&o, argc, argv, &error) : NULL;
    if (!d) {
        lsb_complain("%s", error->message);
        return LSB_EXIT_FAILURE;
    }
    return o.xml ? print_xml(d) : lsb_run_attached(d, o.times);
}
