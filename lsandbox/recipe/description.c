#include "recipe/description.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "recipe/devicefields.h"
#include "recipe/diskfields.h"
#include "recipe/graphicsfields.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/identityfields.h"
#include "recipe/identity/rights.h"
#include "recipe/identity/rightsfields.h"
#include "recipe/identity/securityfields.h"
#include "recipe/image.h"
#include "recipe/includefields.h"
#include "recipe/kindfields.h"
#include "recipe/labelfields.h"
#include "recipe/limitfields.h"
#include "recipe/mountfields.h"
#include "recipe/network/dnsfields.h"
#include "recipe/network/network.h"
#include "recipe/network/networkfields.h"
#include "recipe/programfields.h"
#include "recipe/qemufields.h"
#include "recipe/recipefile.h"
#include "recipe/rlimits.h"
#include "recipe/rootfields.h"
#include "recipe/timezone.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "shared/units.h"

enum {
    DEFAULT_MEMORY = 256 * MiB,
    DEFAULT_MAX_OUTPUT = 64 * MiB,
    MAX_VCPUS = 255,
    MAX_NAME = 64,
};

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

/* --- the recipe --- */

static const LsbField kernel_fields[] = {
    {"version", lsb_field_string, offsetof(LsbDescription, kernel_version), NULL},
    {"path", lsb_field_path, offsetof(LsbDescription, kernel_path), NULL},
    {"modules", lsb_field_path, offsetof(LsbDescription, kernel_modules), NULL},
    {"extra_modules", lsb_field_strings, offsetof(LsbDescription, kernel_extra_modules), NULL},
    {"cmdline", lsb_field_string, offsetof(LsbDescription, kernel_cmdline), NULL},
    {NULL, NULL, 0, NULL},
};

/* Of the saved form (recipefile.h): there is one so far. */
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
    {"accel", lsb_field_enum, offsetof(Draft, d.accel), lsb_accel_words},
    {"template", lsb_field_enum, offsetof(Draft, d.template), template_words},
    {"root", lsb_field_path, offsetof(Draft, d.root), NULL},
    {"root_mode", lsb_field_enum, offsetof(Draft, d.root_mode), root_mode_words},
    {"overlay", lsb_field_path, offsetof(Draft, d.overlay), NULL},
    {"home", lsb_home_parse, offsetof(Draft, home), NULL},
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

const char *lsb_description_users(const LsbDescription *d)
{
    return d->root_is_image ? NULL : d->root;
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
    if (!lsb_kind_fill(d, error) || !lsb_root_check(d, error) || !lsb_kind_check_kept(d, error) ||
        !lsb_overlay_check(d, error) || !lsb_includes_check(d, error) ||
        !lsb_home_fill(d, draft->home, error) || !lsb_kind_check(d, error) ||
        !lsb_network_finish(d, error) || !lsb_kind_fill_limits(d, error) ||
        !lsb_program_check_size(d->tty, d->rows, d->cols, error))
        return FALSE;
    d->identity = lsb_identity_of(lsb_description_users(d), &draft->who, NULL, error);
    if (!d->identity || !lsb_userns_check(d, error) || !lsb_identity_check(d, d->identity, error) ||
        !lsb_rights_check(&d->rights, error) ||
        !lsb_timezone_check(lsb_description_users(d), d->timezone, error) ||
        !lsb_home_check(d, error))
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
