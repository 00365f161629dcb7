/*
 * Reading a recipe into a description: the rows of its fields. The defaults are descriptionsteps.c.
 */
#include "recipe/description.h"

#include <stddef.h>
#include <string.h>

#include "recipe/description_private.h"
#include "recipe/descriptionsteps.h"
#include "recipe/devicefields.h"
#include "recipe/diskfields.h"
#include "recipe/graphicsfields.h"
#include "recipe/hostsource.h"
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
    lsb_field_set_text(out, text);
    return TRUE;
}

/* --- the fields --- */

static const LsbField kernel_fields[] = {
    {"version", lsb_field_string, offsetof(LsbDescription, kernel_version), NULL},
    {"path", lsb_host_path_parse, offsetof(LsbDescription, kernel_path), NULL},
    {"modules", lsb_host_path_parse, offsetof(LsbDescription, kernel_modules), NULL},
    {"extra_modules", lsb_field_strings, offsetof(LsbDescription, kernel_extra_modules), NULL},
    {"cmdline", lsb_field_string, offsetof(LsbDescription, kernel_cmdline), NULL},
    {NULL, NULL, 0, NULL},
};

/* The version of a saved recipe (recipefile.h), of which there is one so far. */
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

const LsbField lsb_recipe_fields[] = {
    {"command", lsb_program_command, offsetof(LsbDraft, d.command), NULL},
    {"name", parse_name, offsetof(LsbDraft, d.name), "a name of " NAME_RULE},
    {"connect", lsb_field_string, offsetof(LsbDraft, d.uri), NULL},
    {"accel", lsb_field_enum, offsetof(LsbDraft, d.accel), lsb_accel_words},
    {"template", lsb_field_enum, offsetof(LsbDraft, d.template_mode), template_words},
    {"root", lsb_field_path, offsetof(LsbDraft, d.root), NULL},
    {"root_mode", lsb_field_enum, offsetof(LsbDraft, d.root_mode), root_mode_words},
    {"overlay", lsb_field_path, offsetof(LsbDraft, d.overlay), NULL},
    {"home", lsb_home_parse, offsetof(LsbDraft, home), NULL},
    {"mounts", lsb_mounts_parse, offsetof(LsbDraft, d.mounts), NULL},
    {"network", lsb_network_parse, offsetof(LsbDraft, d.network), NULL},
    {"dns", lsb_dns_parse, offsetof(LsbDraft, d.network.dns), NULL},
    {"hosts", lsb_hosts_parse, offsetof(LsbDraft, d.network.hosts), NULL},
    {"disks", lsb_disks_parse, offsetof(LsbDraft, d.disks), NULL},
    {"include", lsb_includes_parse, offsetof(LsbDraft, d.includes), NULL},
    {"env", lsb_field_environment, offsetof(LsbDraft, d.extra_env), NULL},
    {"cwd", lsb_field_path, offsetof(LsbDraft, d.cwd), NULL},
    {"hostname", parse_name, offsetof(LsbDraft, d.hostname), "a host name of " NAME_RULE},
    {"domainname", parse_name, offsetof(LsbDraft, d.domainname), "a domain name of " NAME_RULE},
    {"timezone", lsb_timezone_parse, offsetof(LsbDraft, d.timezone), NULL},
    {"user", lsb_identity_parse_user, offsetof(LsbDraft, who.user), NULL},
    {"group", lsb_identity_parse_group, offsetof(LsbDraft, who.group), NULL},
    {"groups", lsb_identity_parse_groups, offsetof(LsbDraft, who.groups), NULL},
    {"privileged", lsb_rights_parse_privileged, offsetof(LsbDraft, d.rights), NULL},
    {"capabilities", lsb_rights_parse_capabilities, offsetof(LsbDraft, d.rights), NULL},
    {"no_new_privs", lsb_rights_parse_no_new_privs, offsetof(LsbDraft, d.rights), NULL},
    {"umask", lsb_rights_parse_umask, offsetof(LsbDraft, d.rights), NULL},
    {"seccomp", lsb_rights_parse_seccomp, offsetof(LsbDraft, d.rights), NULL},
    {"security", lsb_security_parse, offsetof(LsbDraft, d.security), NULL},
    {"memory", lsb_field_size, offsetof(LsbDraft, d.memory), NULL},
    {"vcpus", lsb_field_uint, offsetof(LsbDraft, d.vcpus), &vcpus_range},
    {"max_vcpus", lsb_field_uint, offsetof(LsbDraft, d.max_vcpus), &vcpus_range},
    {"overlay_size", lsb_field_size, offsetof(LsbDraft, d.overlay_size), NULL},
    {"tuning", lsb_tuning_parse, offsetof(LsbDraft, d.tuning), NULL},
    {"timeout", lsb_field_seconds, offsetof(LsbDraft, d.timeout), NULL},
    {"idle_timeout", lsb_field_seconds, offsetof(LsbDraft, d.idle_timeout), NULL},
    {"boot_timeout", lsb_field_seconds, offsetof(LsbDraft, d.boot_timeout), NULL},
    {"max_output", lsb_program_max_output, offsetof(LsbDraft, d.max_output), NULL},
    {"input", lsb_program_input, offsetof(LsbDraft, d.input), NULL},
    {"rlimits", lsb_rlimits_parse, offsetof(LsbDraft, d.rlimits), NULL},
    {"tty", lsb_program_tty, offsetof(LsbDraft, d.tty), NULL},
    {"rows", lsb_field_uint, offsetof(LsbDraft, d.rows), &lsb_program_cells},
    {"cols", lsb_field_uint, offsetof(LsbDraft, d.cols), &lsb_program_cells},
    {"kernel", lsb_field_table, offsetof(LsbDraft, d), kernel_fields},
    {"qemu", lsb_qemu_parse, offsetof(LsbDraft, d.qemu), NULL},
    {"devices", lsb_devices_parse, offsetof(LsbDraft, d.devices), NULL},
    {"graphics", lsb_graphics_parse, offsetof(LsbDraft, d.graphics), NULL},
    {"labels", lsb_labels_parse, offsetof(LsbDraft, d.labels), NULL},
    {"version", parse_version, 0, NULL},
    {NULL, NULL, 0, NULL},
};

const char *lsb_description_users(const LsbDescription *d)
{
    return d->root_is_image ? NULL : d->root;
}

static void draft_clear(LsbDraft *draft)
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
    LsbDraft *draft = g_new0(LsbDraft, 1);
    g_autoptr(LsbDescription) d = &draft->d; /* the first member, so that this frees the draft */
    d->mounts = g_ptr_array_new_with_free_func(lsb_mount_free);
    lsb_network_init(&d->network);
    d->disks = g_ptr_array_new_with_free_func(lsb_disk_free);
    d->includes = g_ptr_array_new_with_free_func(lsb_include_free);
    d->extra_env = g_ptr_array_new_with_free_func(g_free);
    d->recipe = lsb_value_copy(recipe);
    d->memory = DEFAULT_MEMORY;
    d->vcpus = 1;
    d->max_output = DEFAULT_MAX_OUTPUT;
    gboolean ok = lsb_fields_read(recipe, "", lsb_recipe_fields, draft, error) &&
                  lsb_program_items(&draft->d.command, recipe, error) &&
                  lsb_description_complete(draft, error);
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
