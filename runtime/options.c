/*
 * The options of `lsandbox run`: their table, and those that set a field of the recipe to their
 * value. optionset.c has --set, --tuning and --load; optionspecs.c those with a syntax of their
 * own.
 */
#include "options.h"

#include <string.h>

#include "nearest.h"
#include "optionset.h"
#include "optionspecs.h"
#include "base/error.h"
#include "recipe/value/size.h"
#include "recipe/value/value.h"

LsbValue *lsb_option_table(LsbValue *table, const char *key)
{
    const LsbValue *there = lsb_value_get(table, key);
    if (there && there->kind == LSB_VALUE_TABLE)
        return (LsbValue *)there; /* not const: TABLE is the caller's own */
    LsbValue *made = lsb_value_table();
    lsb_value_set(table, key, made);
    return made;
}

gboolean lsb_option_error(GError **error, const char *option, const char *what, const char *value)
{
    g_autofree char *shown = lsb_text_show(value);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: expected %s, got %s", option,
                what, shown);
    return FALSE;
}

/*
 * --- options that set the field of their name, with "-" for "_" ---
 * GLib passes on a short option as the user wrote it, as "-n".
 */
static const struct {
    const char *option, *field;
} renamed[] = {
    {.option = "-c", .field = "connect"},
    {.option = "-n", .field = "name"},
    {.option = "-r", .field = "root"},
    {.option = "--group", .field = "groups"},
    {.option = "--capability", .field = "capabilities"},
    {.option = "--kernel", .field = "path"},
    {.option = "--kernel-module", .field = "extra_modules"},
};

static char *field_of_option(const char *option)
{
    for (gsize i = 0; i < G_N_ELEMENTS(renamed); i++)
        if (strcmp(option, renamed[i].option) == 0)
            return g_strdup(renamed[i].field);
    return g_strdelimit(g_strdup(option + strspn(option, "-")), "-", '_');
}

static gboolean set_text(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    g_autofree char *field = field_of_option(option);
    lsb_value_set(o->recipe, field, lsb_value_string(value, -1));
    return TRUE;
}

static gboolean set_number(const char *option, const char *value, gpointer data, GError **error)
{
    Options *o = data;
    char *end;
    double number = g_ascii_strtod(value, &end);
    if (end == value || *end)
        return lsb_option_error(error, option, "a number", value);
    g_autofree char *field = field_of_option(option);
    gboolean whole = number == (double)(gint64)number;
    lsb_value_set(o->recipe, field,
                  whole ? lsb_value_integer((gint64)number) : lsb_value_number(number));
    return TRUE;
}

/* Seconds, or a time with a unit, which the recipe's field reads. */
static gboolean set_seconds(const char *option, const char *value, gpointer data, GError **error)
{
    double seconds;
    return lsb_seconds_parse(value, &seconds) ? set_text(option, value, data, error)
                                              : set_number(option, value, data, error);
}

static gboolean set_true(const char *option, const char *value, gpointer data, GError **error)
{
    (void)value;
    (void)error;
    Options *o = data;
    g_autofree char *field = field_of_option(option);
    lsb_value_set(o->recipe, field, lsb_value_boolean(TRUE));
    return TRUE;
}

/* Add one more element to a list. */
static gboolean add_text(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    g_autofree char *field = field_of_option(option);
    lsb_value_append(lsb_option_table(o->recipe, field), lsb_value_string(value, -1));
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

/* --- options that set a field of a table --- */

static gboolean set_kernel(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    Options *o = data;
    LsbValue *kernel = lsb_option_table(o->recipe, "kernel");
    g_autofree char *field = field_of_option(option);
    if (strcmp(option, "--kernel-module") == 0)
        lsb_value_append(lsb_option_table(kernel, field), lsb_value_string(value, -1));
    else
        lsb_value_set(kernel, strcmp(field, "path") == 0 ? field : option + strlen("--kernel-"),
                      lsb_value_string(value, -1));
    return TRUE;
}

/* Set NAME=VALUE in TABLE. TYPED: the value may be a Lua literal, a number for instance. */
static gboolean set_pair(LsbValue *table, const char *option, const char *value, gboolean typed,
                         GError **error)
{
    const char *equals = strchr(value, '=');
    if (!equals)
        return lsb_option_error(error, option, "NAME=VALUE", value);
    g_autofree char *name = g_strndup(value, (gsize)(equals - value));
    LsbValue *v = typed ? lsb_option_value(equals + 1) : NULL;
    lsb_value_set(table, name, v ? v : lsb_value_string(equals + 1, -1));
    return TRUE;
}

static gboolean add_env(const char *option, const char *value, gpointer data, GError **error)
{
    LsbValue *env = lsb_option_table(((Options *)data)->recipe, "env");
    if (strchr(value, '='))
        return set_pair(env, option, value, FALSE, error);
    if (!*value)
        return lsb_option_error(error, option, "NAME=VALUE, or NAME of this process", value);
    const char *own = g_getenv(value); /* one that is not set is not set inside, as in docker(1) */
    if (own)
        lsb_value_set(env, value, lsb_value_string(own, -1));
    return TRUE;
}

static gboolean add_label(const char *option, const char *value, gpointer data, GError **error)
{
    return set_pair(lsb_option_table(((Options *)data)->recipe, "labels"), option, value, FALSE,
                    error);
}

static gboolean add_rlimit(const char *option, const char *value, gpointer data, GError **error)
{
    return set_pair(lsb_option_table(((Options *)data)->recipe, "rlimits"), option, value, TRUE,
                    error);
}

static gboolean add_qemu_env(const char *option, const char *value, gpointer data, GError **error)
{
    LsbValue *qemu = lsb_option_table(((Options *)data)->recipe, "qemu");
    return set_pair(lsb_option_table(qemu, "env"), option, value, FALSE, error);
}

static gboolean add_qemu_arg(const char *option, const char *value, gpointer data, GError **error)
{
    (void)option;
    (void)error;
    LsbValue *qemu = lsb_option_table(((Options *)data)->recipe, "qemu");
    lsb_value_append(lsb_option_table(qemu, "args"), lsb_value_string(value, -1));
    return TRUE;
}

/* --overlay DIR: writes to the root are kept in it. */
static gboolean set_overlay(const char *option, const char *value, gpointer data, GError **error)
{
    Options *o = data;
    lsb_value_set(o->recipe, "root_mode", lsb_value_string("overlay", -1));
    return set_text(option, value, data, error);
}

/* --- options that are no field of the recipe --- */

/* Where each is noted in Options. */
static const struct {
    const char *option;
    gsize offset;
} noted[] = {
    {.option = "--xml", .offset = offsetof(Options, xml)},
    {.option = "--times", .offset = offsetof(Options, times)},
    {.option = "--recipe", .offset = offsetof(Options, print)},
    {.option = "--save", .offset = offsetof(Options, save)},
    {.option = "--trace", .offset = offsetof(Options, trace)},
    {.option = "--restore", .offset = offsetof(Options, restore)},
};

static gpointer place_of_option(Options *o, const char *option)
{
    for (gsize i = 0; i < G_N_ELEMENTS(noted); i++)
        if (strcmp(option, noted[i].option) == 0)
            return (char *)o + noted[i].offset;
    g_assert_not_reached();
}

static gboolean note_flag(const char *option, const char *value, gpointer data, GError **error)
{
    (void)value;
    (void)error;
    *(gboolean *)place_of_option(data, option) = TRUE;
    return TRUE;
}

static gboolean note_file(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    char **file = place_of_option(data, option);
    g_free(*file);
    *file = g_strdup(value);
    return TRUE;
}

/* --- the table --- */

#define SHORT(name, letter, func, text, arg)                                                       \
    {                                                                                              \
        name, letter, 0, G_OPTION_ARG_CALLBACK, (gpointer)func, text, arg                          \
    }
#define FIELD(name, func, text, arg) SHORT(name, 0, func, text, arg)
#define FLAG(name, func, text)                                                                     \
    {                                                                                              \
        name, 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)func, text, NULL           \
    }

const GOptionEntry lsb_options[] = {
    SHORT("connect", 'c', set_text, "libvirt connection (default qemu:///embed)", "URI"),
    SHORT("name", 'n', set_text, "name of the sandbox (default: a unique one)", "NAME"),
    FIELD("accel", set_text, "auto, kvm or tcg", "WORD"),
    FIELD("template", set_text, "auto, off or require", "WORD"),
    FIELD("memory", set_text, "memory (default 256M)", "SIZE"),
    FIELD("vcpus", set_number, "processors (default 1)", "N"),
    FIELD("max-vcpus", set_number, "processors it may be given while it runs", "N"),
    SHORT("root", 'r', set_text, "root file system (default /)", "DIR"),
    FIELD("root-mode", set_text, "readonly (default) or overlay: writes vanish", "WORD"),
    FIELD("overlay", set_overlay, "keep what is written to the root in DIR", "DIR"),
    FIELD("overlay-size", set_text, "how much may be written to the root", "SIZE"),
    FIELD("home", set_text, "private (default), host, or a directory", "WORD"),
    FIELD("bind", lsb_option_bind, "show a host file or directory, read-only", "SOURCE[:TARGET]"),
    FIELD("bind-rw", lsb_option_bind, "the same, writable", "SOURCE[:TARGET]"),
    FIELD("ram", lsb_option_ram, "mount an empty directory in memory", "TARGET[:SIZE]"),
    SHORT("mount", 'm', lsb_option_mount, "mount bind, image, guest-bind, ram or overlay",
          "TYPE:TARGET=SOURCE[,WORD...]"),
    SHORT("include", 'i', lsb_option_include, "copy a host file or tree in", "SOURCE[:TARGET]"),
    SHORT("include-list", 'I', lsb_option_include, "copy in what a file lists", "FILE"),
    FIELD("disk", lsb_option_disk, "attach a disk image as /dev/disk/by-tag/TAG",
          "TAG=FILE[,WORD...]"),
    SHORT("network", 'N', lsb_option_network, "add a network interface",
          "user|dhcp|source=NAME[,WORD...]"),
    FIELD("dns", add_text, "name server", "ADDRESS"),
    SHORT("env", 'e', add_env, "set a variable of the program's environment, or pass yours",
          "NAME[=VALUE]"),
    FIELD("cwd", set_text, "directory to start in", "DIR"),
    FIELD("hostname", set_text, "host name inside", "NAME"),
    FIELD("domainname", set_text, "domain name inside", "NAME"),
    FIELD("timezone", set_text, "time zone inside", "NAME"),
    FIELD("user", set_text, "user to run as (default: you; nobody for root)", "USER"),
    FIELD("group", add_text, "one more group of the user", "GROUP"),
    FLAG("privileged", set_true, "keep all capabilities inside"),
    FIELD("capability", add_text, "keep one capability inside", "NAME"),
    FIELD("seccomp", set_text, "filter of system calls", "PROFILE"),
    FIELD("umask", set_text, "mode bits that files do not get, in octal", "MODE"),
    FIELD("rlimit", add_rlimit, "resource limit of the program", "NAME=LIMIT"),
    SHORT("security", 's', lsb_option_security, "security label",
          "dynamic|static|inherit[,label=LABEL]"),
    FIELD("tuning", lsb_option_set, "limit, as cpu.shares=512 or pids=100", "NAME=VALUE"),
    FLAG("tty", set_tty, "give the program a terminal (default: where stdin and stdout are one)"),
    FLAG("no-tty", set_tty, "give it pipes, also where they are"),
    FIELD("timeout", set_seconds, "end the sandbox after this time", "SECONDS"),
    FIELD("boot-timeout", set_seconds, "how long it may take to come up", "SECONDS"),
    FIELD("idle-timeout", set_seconds, "kill the sandbox after so long without output or input",
          "SECONDS"),
    FIELD("kernel", set_kernel, "kernel image of a machine", "FILE"),
    FIELD("kernel-version", set_kernel, "installed kernel to use", "RELEASE"),
    FIELD("kernel-modules", set_kernel, "directory of its modules", "DIR"),
    FIELD("kernel-module", set_kernel, "one more module to load", "NAME"),
    FIELD("kernel-cmdline", set_kernel, "more kernel arguments", "ARGUMENTS"),
    FIELD("graphics", lsb_option_graphics, "give a machine a display", "vnc|spice[,WORD...]"),
    FIELD("device", lsb_option_device, "give a machine a device of the host",
          "usb|pci,NAME=VALUE..."),
    FIELD("qemu-arg", add_qemu_arg, "one more argument of QEMU", "ARGUMENT"),
    FIELD("qemu-env", add_qemu_env, "set a variable of QEMU's environment", "NAME=VALUE"),
    FIELD("label", add_label, "note something on the sandbox", "NAME=TEXT"),
    FIELD("set", lsb_option_set, "set any field of the recipe to a Lua literal",
          "FIELD[.FIELD...]=VALUE"),
    FIELD("load", lsb_option_load, "take what the other options do not say from a saved recipe",
          "FILE"),
    FIELD("restore", note_file, "go on from a saved machine", "DIR"),
    FIELD("save", note_file, "save the recipe and start nothing", "FILE"),
    FLAG("recipe", note_flag, "print the recipe as it would be saved and start nothing"),
    FLAG("xml", note_flag, "print the domain XML and start nothing"),
    FLAG("times", note_flag, "say on stderr what took how long"),
    FIELD("trace", note_file, "draw where the time went, or write it as a Chrome trace",
          "FILE.svg|FILE.json"),
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

static const GOptionEntry *option_of_word(const char *word, gsize length)
{
    g_autofree char *name = g_strndup(word, length);
    for (const GOptionEntry *e = lsb_options; e->long_name; e++)
        if (g_str_has_prefix(name, "--") ? strcmp(name + 2, e->long_name) == 0
                                         : length == 2 && name[1] == e->short_name)
            return e;
    return NULL;
}

/*
 * GLib takes --privileged=no as --privileged, because it drops the value of an option that is
 * marked to take none. So look for such values before GLib does.
 */
static gboolean check_flags(int argc, char **argv, GError **error)
{
    for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
        gsize length = strcspn(argv[i], "=");
        const GOptionEntry *e = option_of_word(argv[i], length);
        gboolean has_value = argv[i][length] == '=';
        if (e && e->flags & G_OPTION_FLAG_NO_ARG && has_value) {
            g_autofree char *shown = lsb_text_show(argv[i] + length + 1);
            return lsb_fail(error, INVALID, "--%s: expected no value, got %s", e->long_name, shown);
        }
        if (e && !(e->flags & G_OPTION_FLAG_NO_ARG) && !has_value)
            i++; /* the next word is the value */
    }
    return TRUE;
}

/* The option in GLib's "Unknown option --memroy=1G", without its value; NULL: there is none. */
static char *unknown_option(const GError *error)
{
    const char *dash = g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION)
                           ? strstr(error->message, " -")
                           : NULL;
    return dash ? g_strndup(dash + 1, strcspn(dash + 1, "=")) : NULL;
}

static const char *nearest_option(const char *option)
{
    static const LsbSynonym synonyms[] = {
        {"-v", "bind"},      {"--volume", "bind"}, {"-w", "cwd"},       {"--workdir", "cwd"},
        {"--chdir", "cwd"},  {"-u", "user"},       {"-t", "tty"},       {"-it", "tty"},
        {"--cpus", "vcpus"}, {"--net", "network"}, {"--ro-bind", "bind"}, {"--tmpfs", "ram"},
        {"--setenv", "env"}, {NULL, NULL},
    };
    const char *names[G_N_ELEMENTS(lsb_options)];
    for (gsize i = 0; i < G_N_ELEMENTS(lsb_options); i++)
        names[i] = lsb_options[i].long_name;
    const char *near = lsb_nearest_word(option, synonyms, names + G_N_ELEMENTS(names) - 1);
    return near ? near : lsb_nearest_word(option + strspn(option, "-"), synonyms, names);
}

/* Say it with the option that was meant, and where all are listed. */
static void explain_unknown(GError **error)
{
    g_autofree char *option = unknown_option(*error);
    if (!option)
        return;
    const char *near = nearest_option(option);
    g_clear_error(error);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                "unknown option %s%s%s%s See lsandbox run --help", option,
                near ? "; did you mean --" : ".", near ? near : "", near ? "?" : "");
}

gboolean lsb_options_parse(int *argc, char ***argv, Options *options, const char *arguments,
                           const char *summary, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    GOptionGroup *group = g_option_group_new("run", "", "", options, NULL);
    g_option_group_add_entries(group, lsb_options);
    g_option_context_set_main_group(context, group);
    g_option_context_set_strict_posix(context, TRUE); /* what follows is the program's */
    g_option_context_set_summary(context, summary);
    if (!check_flags(*argc, *argv, error))
        return FALSE;
    if (g_option_context_parse(context, argc, argv, error))
        return TRUE;
    explain_unknown(error);
    return FALSE;
}
