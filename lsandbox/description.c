#include "description.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diskfields.h"
#include "dnsfields.h"
#include "error.h"
#include "fields.h"
#include "identity.h"
#include "identityfields.h"
#include "includefields.h"
#include "keptimage.h"
#include "mountfields.h"
#include "networkfields.h"
#include "paths.h"
#include "programfields.h"
#include "saved.h"
#include "timezone.h"

enum {
    MiB = 1024 * 1024,
    DEFAULT_MEMORY = 256 * MiB,
    /* FACTS: 88 MiB is the least that boots; below 128 a program has no room. */
    LEAST_MACHINE_MEMORY = 128 * MiB,
    LEAST_CONTAINER_MEMORY = 16 * MiB,
    LEAST_KEPT = 16 * MiB,   /* a file system with a journal */
    LEAST_OVERLAY = 1 * MiB, /* it also holds missing mount points */
    DEFAULT_MAX_OUTPUT = 64 * MiB,
    MAX_VCPUS = 255,
    MAX_NAME = 64,
};

static const char *const accel_words[] = {"auto", "kvm", "tcg", NULL};
static const char *const template_words[] = {"auto", "off", "require", NULL};
static const char *const root_mode_words[] = {"readonly", "overlay", NULL};
static const LsbRange vcpus_range = {1, MAX_VCPUS};

/* What names users and directories is kept as text until the root is known. */
typedef struct {
    LsbDescription d; /* must be first: the rows below count from it */
    LsbWho who;
    char *home;
} Draft;

#define NAME_RULE                                                                                  \
    "at most 64 letters, digits, \"-\", \"_\" and \".\", the first neither \"-\" nor \".\""

static gboolean parse_name(const LsbValue *value, const char *path, gpointer out,
                           gconstpointer what, GError **error)
{
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    gsize ok = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    if (!*text || text[ok] || ok > MAX_NAME || text[0] == '.' || text[0] == '-')
        return lsb_field_error(error, path, what, value);
    g_free(*(char **)out);
    *(char **)out = g_strdup(text);
    return TRUE;
}

static gboolean parse_home(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    static const char what[] = "\"private\", \"host\" or an absolute path";
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (strcmp(text, "private") != 0 && strcmp(text, "host") != 0)
        return g_path_is_absolute(text) ? lsb_field_path(value, path, out, NULL, error)
                                        : lsb_field_error(error, path, what, value);
    g_free(*(char **)out);
    *(char **)out = g_strdup(text);
    return TRUE;
}

/* --- the recipe --------------------------------------------------------------------------------
 */

static const LsbField kernel_fields[] = {
    {"version", lsb_field_string, offsetof(LsbDescription, kernel_version), NULL},
    {"path", lsb_field_path, offsetof(LsbDescription, kernel_path), NULL},
    {"modules", lsb_field_path, offsetof(LsbDescription, kernel_modules), NULL},
    {"extra_modules", lsb_field_strings, offsetof(LsbDescription, kernel_extra_modules), NULL},
    {"cmdline", lsb_field_string, offsetof(LsbDescription, kernel_cmdline), NULL},
    {NULL, NULL, 0, NULL},
};

/* Of the saved form (saved.h): there is one so far. */
static gboolean parse_version(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    (void)out;
    (void)arg;
    gint64 version;
    if (lsb_value_whole(value, &version) && version == LSB_SAVED_VERSION)
        return TRUE;
    return lsb_field_error(error, path, "1, the only version that there is", value);
}

static const LsbField recipe_fields[] = {
    {"command", lsb_program_command, offsetof(Draft, d.command), NULL},
    {"name", parse_name, offsetof(Draft, d.name), "a name of " NAME_RULE},
    {"connect", lsb_field_string, offsetof(Draft, d.uri), NULL},
    {"accel", lsb_field_enum, offsetof(Draft, d.accel), accel_words},
    {"template", lsb_field_enum, offsetof(Draft, d.template), template_words},
    {"root", lsb_field_path, offsetof(Draft, d.root), NULL},
    {"root_mode", lsb_field_enum, offsetof(Draft, d.root_mode), root_mode_words},
    {"overlay", lsb_field_path, offsetof(Draft, d.overlay), NULL},
    {"home", parse_home, offsetof(Draft, home), NULL},
    {"mounts", lsb_mounts_parse, offsetof(Draft, d.mounts), NULL},
    {"network", lsb_network_parse, offsetof(Draft, d.network), NULL},
    {"dns", lsb_dns_parse, offsetof(Draft, d.network.dns), NULL},
    {"hosts", lsb_hosts_parse, offsetof(Draft, d.network.hosts), NULL},
    {"disks", lsb_disks_parse, offsetof(Draft, d.disks), NULL},
    {"include", lsb_includes_parse, offsetof(Draft, d.includes), NULL},
    {"env", lsb_field_environment, offsetof(Draft, d.extra_env), NULL},
    {"cwd", lsb_field_path, offsetof(Draft, d.cwd), NULL},
    {"hostname", parse_name, offsetof(Draft, d.hostname), "a host name of " NAME_RULE},
    {"domainname", parse_name, offsetof(Draft, d.domainname), "a domain name of " NAME_RULE},
    {"timezone", lsb_timezone_parse, offsetof(Draft, d.timezone), NULL},
    {"user", lsb_identity_parse_user, offsetof(Draft, who.user), NULL},
    {"group", lsb_identity_parse_group, offsetof(Draft, who.group), NULL},
    {"groups", lsb_identity_parse_groups, offsetof(Draft, who.groups), NULL},
    {"privileged", lsb_rights_parse_privileged, offsetof(Draft, d.rights), NULL},
    {"capabilities", lsb_rights_parse_capabilities, offsetof(Draft, d.rights), NULL},
    {"no_new_privs", lsb_rights_parse_no_new_privs, offsetof(Draft, d.rights), NULL},
    {"umask", lsb_rights_parse_umask, offsetof(Draft, d.rights), NULL},
    {"seccomp", lsb_rights_parse_seccomp, offsetof(Draft, d.rights), NULL},
    {"security", lsb_security_parse, offsetof(Draft, d.security), NULL},
    {"memory", lsb_field_size, offsetof(Draft, d.memory), NULL},
    {"vcpus", lsb_field_uint, offsetof(Draft, d.vcpus), &vcpus_range},
    {"max_vcpus", lsb_field_uint, offsetof(Draft, d.max_vcpus), &vcpus_range},
    {"overlay_size", lsb_field_size, offsetof(Draft, d.overlay_size), NULL},
    {"tuning", lsb_tuning_parse, offsetof(Draft, d.tuning), NULL},
    {"timeout", lsb_field_seconds, offsetof(Draft, d.timeout), NULL},
    {"idle_timeout", lsb_field_seconds, offsetof(Draft, d.idle_timeout), NULL},
    {"boot_timeout", lsb_field_seconds, offsetof(Draft, d.boot_timeout), NULL},
    {"max_output", lsb_program_max_output, offsetof(Draft, d.max_output), NULL},
    {"input", lsb_program_input, offsetof(Draft, d.input), NULL},
    {"rlimits", lsb_rlimits_parse, offsetof(Draft, d.rlimits), NULL},
    {"tty", lsb_program_tty, offsetof(Draft, d.tty), NULL},
    {"rows", lsb_field_uint, offsetof(Draft, d.rows), &lsb_program_cells},
    {"cols", lsb_field_uint, offsetof(Draft, d.cols), &lsb_program_cells},
    {"kernel", lsb_field_table, offsetof(Draft, d), kernel_fields},
    {"qemu", lsb_qemu_parse, offsetof(Draft, d.qemu), NULL},
    {"devices", lsb_devices_parse, offsetof(Draft, d.devices), NULL},
    {"graphics", lsb_graphics_parse, offsetof(Draft, d.graphics), NULL},
    {"labels", lsb_labels_parse, offsetof(Draft, d.labels), NULL},
    {"version", parse_version, 0, NULL},
    {NULL, NULL, 0, NULL},
};

/* Names must not collide between processes or in time: process, counter, and 32 random bits. */
static char *generated_name(void)
{
    static gint counter;
    return g_strdup_printf("lsandbox-%d-%d-%08x", (int)getpid(), g_atomic_int_add(&counter, 1),
                           g_random_int());
}

static gboolean not_our_uri(const char *where, const char *uri, GError **error)
{
    g_autofree char *shown = lsb_text_show(uri);
    return lsb_fail(
        error, INVALID,
        "%s: expected a URI like \"qemu:///embed\", \"qemu:///session\", \"qemu:///system\" or "
        "\"lxc:///\", got %s",
        where, shown);
}

/* WHERE the URI stands: the recipe's field, or the variable that stands in for it. */
static gboolean kind_of_uri(const char *where, const char *uri, LsbKind *kind, GError **error)
{
    g_autofree char *scheme = g_ascii_strdown(uri, (gssize)strcspn(uri, "+:"));
    gboolean is_uri = strstr(uri, "://") != NULL;
    if (is_uri && strcmp(scheme, "qemu") == 0)
        *kind = LSB_MACHINE;
    else if (is_uri && strcmp(scheme, "lxc") == 0)
        *kind = LSB_CONTAINER;
    else
        return not_our_uri(where, uri, error);
    return TRUE;
}

static gboolean fill_connection(LsbDescription *d, GError **error)
{
    if (d->uri)
        return kind_of_uri("connect", d->uri, &d->kind, error);
    const char *uri = g_getenv("LIBVIRT_DEFAULT_URI");
    d->uri = g_strdup(uri && *uri ? uri : LSB_URI_EMBED);
    return kind_of_uri("LIBVIRT_DEFAULT_URI", d->uri, &d->kind, error);
}

static gboolean check_directory(const char *field, const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return TRUE;
    return lsb_fail(error, INVALID, "%s: expected a directory of the host, got \"%s\"", field,
                    path);
}

/* A directory, or an image: opened read-only whatever root_mode is, for an overlay is in memory. */
static gboolean check_root(LsbDescription *d, GError **error)
{
    if (g_file_test(d->root, G_FILE_TEST_IS_DIR))
        return TRUE;
    d->root_is_image = TRUE;
    d->root_image = (LsbImage){.source = g_strdup(d->root),
                               .format = LSB_IMAGE_GUESS,
                               .filesystem = LSB_IMAGE_GUESS,
                               .readonly = TRUE};
    return lsb_image_check(&d->root_image, "root", "root", TRUE, error);
}

const char *lsb_description_users(const LsbDescription *d)
{
    return d->root_is_image ? NULL : d->root;
}

static gboolean fill_home(Draft *draft, GError **error)
{
    LsbDescription *d = &draft->d;
    if (!draft->home || strcmp(draft->home, "private") == 0)
        return TRUE;
    d->home = strcmp(draft->home, "host") == 0 ? LSB_HOME_HOST : LSB_HOME_DIRECTORY;
    if (d->home == LSB_HOME_HOST)
        return TRUE;
    d->home_source = g_strdup(draft->home);
    return check_directory("home", d->home_source, error);
}

/* The home that "host" names is the user's, and root's programs run as nobody, who has none. */
static gboolean check_host_home(const LsbDescription *d, GError **error)
{
    if (d->home == LSB_HOME_HOST && d->identity->uid == 0)
        return lsb_fail(error, INVALID,
                        "home: expected \"private\" or an absolute path, got \"host\": the "
                        "sandbox's root is not the host's and may not see its home");
    if (d->home != LSB_HOME_HOST || g_file_test(d->identity->home, G_FILE_TEST_IS_DIR))
        return TRUE;
    return lsb_fail(error, INVALID,
                    "home: expected \"private\" or an absolute path, got \"host\": user %s has no "
                    "home directory "
                    "%s on the host",
                    d->identity->name, d->identity->home);
}

/*
 * 9p, by which a machine has the host's directories, cannot carry the writes of an overlay: where
 * QEMU's server keeps owners in attributes it does not tell the types of what it lists, and where
 * it does not nobody but root could give files away.
 */
static gboolean check_kept(const LsbDescription *d, GError **error)
{
    if (d->kind == LSB_CONTAINER)
        return TRUE;
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (m->upper)
            return lsb_fail(error, INVALID,
                            "mounts[%u].upper: expected nothing for a machine, which can keep what "
                            "it writes in bind mounts only, got \"%s\"",
                            m->number, m->upper);
    }
    return TRUE;
}

static int filesystem_named(const char *name)
{
    int i = 0;
    while (strcmp(lsb_filesystems[i].name, name) != 0)
        i++;
    return i;
}

/*
 * A container's root is put together in its user namespace of many overlays and of directories made
 * anew in memory, and its users are others each time: there is no one place to keep that.
 */
static gboolean check_overlay(LsbDescription *d, GError **error)
{
    if (!d->overlay)
        return TRUE;
    if (d->root_mode != LSB_ROOT_OVERLAY)
        return lsb_fail(error, INVALID,
                        "overlay: expected nothing unless root_mode is \"overlay\", got \"%s\"",
                        d->overlay);
    if (d->kind == LSB_CONTAINER)
        return lsb_fail(error, INVALID,
                        "overlay: expected nothing for a container, which can keep what it writes "
                        "in mounts only, got \"%s\"",
                        d->overlay);
    if (!check_directory("overlay", d->overlay, error))
        return FALSE;
    char *real = realpath(d->overlay, NULL);
    d->overlay_image = (LsbImage){.source = lsb_kept_path(real ? real : d->overlay),
                                  .format = LSB_IMAGE_RAW,
                                  .filesystem = filesystem_named("ext4")};
    free(real);
    return !d->overlay_size || d->overlay_size >= LEAST_KEPT ||
           lsb_fail(error, INVALID,
                    "overlay_size: expected at least %uM beside overlay, got %" G_GUINT64_FORMAT
                    " bytes",
                    LEAST_KEPT / MiB, d->overlay_size);
}

/* Not there before the start; the uuid makes the name one that nobody else has. */
static void name_scratch(LsbDescription *d)
{
    gboolean needed = d->includes->len > 0;
    g_autofree char *path = lsb_path_scratch(d->uuid);
    for (guint i = 0; i < d->mounts->len; i++) {
        LsbMount *m = d->mounts->pdata[i];
        if (!m->temporary)
            continue;
        m->source = g_strdup_printf("%s/bind%u", path, i);
        needed = TRUE;
    }
    d->scratch = needed ? g_steal_pointer(&path) : NULL;
}

/* What a container has no counterpart for. */
static gboolean check_machine_only(const LsbDescription *d, GError **error)
{
    const struct {
        const char *field;
        gboolean said;
        const char *why;
    } fields[] = {
        {"qemu", d->qemu.set, "which has no QEMU, got a table"},
        {"devices", d->devices && d->devices->len > 0, "whose /dev is its own, got a list"},
        {"graphics", d->graphics.type != LSB_GRAPHICS_NONE, "which has no display, got a table"},
    };
    for (gsize i = 0; d->kind == LSB_CONTAINER && i < G_N_ELEMENTS(fields); i++)
        if (fields[i].said)
            return lsb_fail(error, INVALID, "%s: expected nothing for a container, %s",
                            fields[i].field, fields[i].why);
    return TRUE;
}

static gboolean check_for_kind(const LsbDescription *d, GError **error)
{
    guint64 least = d->kind == LSB_MACHINE ? LEAST_MACHINE_MEMORY : LEAST_CONTAINER_MEMORY;
    const char *what = d->kind == LSB_MACHINE ? "machine" : "container";
    if (d->memory < least)
        return lsb_fail(error, INVALID,
                        "memory: expected at least %uM for a %s, got %" G_GUINT64_FORMAT " bytes",
                        (guint)(least / MiB), what, d->memory);
    if (d->kind == LSB_CONTAINER && d->accel != LSB_ACCEL_AUTO)
        return lsb_fail(error, INVALID,
                        "accel: expected \"auto\" for a container, which runs on the host's own "
                        "kernel, got \"%s\"",
                        accel_words[d->accel]);
    if (d->kind == LSB_CONTAINER && d->template == LSB_TEMPLATE_REQUIRE)
        return lsb_fail(error, INVALID,
                        "template: expected \"auto\" or \"off\" for a container, which needs none, "
                        "got \"require\"");
    if (d->kind == LSB_CONTAINER && (d->kernel_version || d->kernel_path || d->kernel_modules ||
                                     d->kernel_cmdline || d->kernel_extra_modules))
        return lsb_fail(error, INVALID,
                        "kernel: expected nothing for a container, which runs on the host's own "
                        "kernel, got a table");
    return lsb_disks_check_kind(d, error);
}

/* What a container writes to a loop device the kernel writes on, in a thread of its own that no control
 * group of the container's holds. */
static gboolean check_disk_rates(const LsbDescription *d, GError **error)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new();
    if (d->kind == LSB_CONTAINER && d->tuning.disks && d->tuning.disks->len > 0)
        return lsb_fail(
            error, INVALID,
            "tuning.block.disks: expected nothing for a container, whose disks the host's "
            "kernel writes, got a table");
    for (guint i = 0; i < d->disks->len; i++)
        g_ptr_array_add(tags, ((LsbDisk *)d->disks->pdata[i])->tag);
    g_ptr_array_add(tags, NULL);
    return lsb_tuning_check_disks(&d->tuning, (const char *const *)tags->pdata, error);
}

static gboolean fill_limits(LsbDescription *d, GError **error)
{
    gboolean machine = d->kind == LSB_MACHINE;
    if (d->max_vcpus && d->max_vcpus < d->vcpus)
        return lsb_fail(error, INVALID, "max_vcpus: expected at least vcpus, %u, got %u", d->vcpus,
                        d->max_vcpus);
    if (d->max_vcpus && !machine)
        return lsb_fail(error, INVALID,
                        "max_vcpus: expected nothing for a container, which has the host's "
                        "processors, got %u",
                        d->max_vcpus);
    if (d->overlay_size && d->overlay_size < LEAST_OVERLAY)
        return lsb_fail(error, INVALID,
                        "overlay_size: expected at least %uM, got %" G_GUINT64_FORMAT " bytes",
                        LEAST_OVERLAY / MiB, d->overlay_size);
    if (!d->max_vcpus)
        d->max_vcpus = d->vcpus;
    return lsb_tuning_check(&d->tuning, machine, d->memory, d->vcpus, error) &&
           check_disk_rates(d, error);
}

static gboolean fill_defaults(Draft *draft, GError **error)
{
    LsbDescription *d = &draft->d;
    if (!d->name)
        d->name = generated_name();
    d->uuid = g_uuid_string_random();
    name_scratch(d);
    if (!d->root)
        d->root = g_strdup("/");
    if (!d->cwd)
        d->cwd = g_strdup("/");
    if (!d->hostname)
        d->hostname = g_strdup("sandbox");
    if (!fill_connection(d, error) || !check_root(d, error) || !check_kept(d, error) ||
        !check_overlay(d, error) || !lsb_includes_check(d, error) || !fill_home(draft, error) ||
        !check_for_kind(d, error) || !check_machine_only(d, error) ||
        !lsb_network_finish(d, error) || !fill_limits(d, error) ||
        !lsb_program_check_size(d->tty, d->rows, d->cols, error))
        return FALSE;
    d->identity = lsb_identity_of(lsb_description_users(d), &draft->who, NULL, error);
    if (!d->identity || !lsb_userns_check(d, error) || !lsb_identity_check(d, d->identity, error) ||
        !lsb_rights_check(&d->rights, error) ||
        !lsb_timezone_check(lsb_description_users(d), d->timezone, error) ||
        !check_host_home(d, error))
        return FALSE;
    if (d->timezone) /* first, so that the recipe's own TZ is stronger */
        g_ptr_array_insert(d->extra_env, 0, g_strconcat("TZ=", d->timezone, NULL));
    d->env = lsb_program_environment(d->identity, &d->extra_env, 1);
    return TRUE;
}

static void draft_clear(Draft *draft)
{
    lsb_who_clear(&draft->who);
    g_free(draft->home);
    draft->home = NULL;
}

LsbDescription *lsb_description_new(const LsbValue *recipe, GError **error)
{
    if (recipe->kind != LSB_VALUE_TABLE) {
        lsb_field_error(error, "recipe", "a table", recipe);
        return NULL;
    }
    Draft *draft = g_new0(Draft, 1);
    g_autoptr(LsbDescription) d = &draft->d; /* the draft's first member: freed with it */
    d->mounts = g_ptr_array_new_with_free_func(lsb_mount_free);
    lsb_network_init(&d->network);
    d->disks = g_ptr_array_new_with_free_func(lsb_disk_free);
    d->includes = g_ptr_array_new_with_free_func(lsb_include_free);
    d->extra_env = g_ptr_array_new_with_free_func(g_free);
    d->recipe = lsb_value_copy(recipe);
    d->memory = DEFAULT_MEMORY;
    d->vcpus = 1;
    d->max_output = DEFAULT_MAX_OUTPUT;
    gboolean ok = lsb_fields_read(recipe, "", recipe_fields, draft, error) &&
                  lsb_program_items(&draft->d.command, recipe, error) &&
                  fill_defaults(draft, error);
    draft_clear(draft);
    return ok ? g_steal_pointer(&d) : NULL;
}

void lsb_description_free(LsbDescription *d)
{
    if (!d)
        return;
    char *strings[] = {d->name,           d->uuid,        d->uri,
                       d->root,           d->home_source, d->cwd,
                       d->hostname,       d->domainname,  d->timezone,
                       d->kernel_version, d->kernel_path, d->kernel_modules,
                       d->kernel_cmdline, d->scratch,     d->overlay};
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_strfreev(d->command);
    g_strfreev(d->env);
    g_strfreev(d->kernel_extra_modules);
    g_ptr_array_unref(d->mounts);
    lsb_network_clear(&d->network);
    g_ptr_array_unref(d->disks);
    lsb_image_clear(&d->root_image);
    lsb_image_clear(&d->overlay_image);
    g_ptr_array_unref(d->includes);
    g_ptr_array_unref(d->extra_env);
    lsb_identity_free(d->identity);
    lsb_tuning_clear(&d->tuning);
    lsb_rights_clear(&d->rights);
    lsb_security_clear(&d->security);
    if (d->input)
        g_bytes_unref(d->input);
    lsb_qemu_clear(&d->qemu);
    lsb_graphics_clear(&d->graphics);
    g_clear_pointer(&d->devices, g_ptr_array_unref);
    g_clear_pointer(&d->labels, g_ptr_array_unref);
    lsb_value_free(d->recipe);
    g_free(d);
}
