/* The steps that complete a description: its defaults, and the checks of its fields together. */
#include "recipe/descriptionsteps.h"

#include <unistd.h>

#include "base/paths.h"
#include "recipe/description_private.h"
#include "recipe/identity/identityfields.h"
#include "recipe/identity/rights.h"
#include "recipe/includefields.h"
#include "recipe/kindfields.h"
#include "recipe/network/network.h"
#include "recipe/programfields.h"
#include "recipe/rootfields.h"
#include "recipe/timezone.h"

/* Unique among processes and over time by the process, a counter, and 32 random bits. */
static char *generated_name(void)
{
    static gint counter;
    return g_strdup_printf("lsandbox-%d-%d-%08x", (int)getpid(), g_atomic_int_add(&counter, 1),
                           g_random_int());
}

static gboolean fill_names(LsbDraft *draft, GError **error)
{
    (void)error;
    LsbDescription *d = &draft->d;
    d->uuid = g_uuid_string_random();
    if (!d->name)
        d->name = generated_name();
    if (!d->hostname)
        d->hostname = g_strdup("sandbox");
    return TRUE;
}

/* Name the scratch directory, which the start makes, and the temporary mounts' sources in it. */
static gboolean fill_scratch(LsbDraft *draft, GError **error)
{
    (void)error;
    LsbDescription *d = &draft->d;
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
    return TRUE;
}

static gboolean fill_kind(LsbDraft *draft, GError **error)
{
    return lsb_kind_fill(&draft->d, error);
}

static gboolean fill_root(LsbDraft *draft, GError **error)
{
    if (!draft->d.root)
        draft->d.root = g_strdup("/");
    return lsb_root_check(&draft->d, error);
}

static gboolean check_kept_writes(LsbDraft *draft, GError **error)
{
    return lsb_kind_check_kept(&draft->d, error);
}

static gboolean fill_overlay(LsbDraft *draft, GError **error)
{
    return lsb_overlay_check(&draft->d, error);
}

static gboolean check_include_targets(LsbDraft *draft, GError **error)
{
    return lsb_includes_check(&draft->d, error);
}

static gboolean fill_home(LsbDraft *draft, GError **error)
{
    return lsb_home_fill(&draft->d, draft->home, error);
}

static gboolean check_kind_fits(LsbDraft *draft, GError **error)
{
    return lsb_kind_check(&draft->d, error);
}

static gboolean fill_network(LsbDraft *draft, GError **error)
{
    return lsb_network_finish(&draft->d, error);
}

static gboolean fill_limits(LsbDraft *draft, GError **error)
{
    return lsb_kind_fill_limits(&draft->d, error);
}

static gboolean check_terminal_size(LsbDraft *draft, GError **error)
{
    return lsb_program_check_size(draft->d.tty, draft->d.rows, draft->d.cols, error);
}

static gboolean fill_identity(LsbDraft *draft, GError **error)
{
    LsbDescription *d = &draft->d;
    d->identity = lsb_identity_of(lsb_description_users(d), &draft->who, NULL, error);
    return d->identity != NULL;
}

static gboolean check_userns(LsbDraft *draft, GError **error)
{
    return lsb_userns_check(&draft->d, error);
}

static gboolean check_identity(LsbDraft *draft, GError **error)
{
    return lsb_identity_check(&draft->d, draft->d.identity, error);
}

static gboolean check_rights(LsbDraft *draft, GError **error)
{
    return lsb_rights_check(&draft->d.rights, error);
}

static gboolean check_timezone(LsbDraft *draft, GError **error)
{
    return lsb_timezone_check(lsb_description_users(&draft->d), draft->d.timezone, error);
}

static gboolean check_home(LsbDraft *draft, GError **error)
{
    return lsb_home_check(&draft->d, error);
}

/* TZ goes before the recipe's env, so that a TZ of the recipe's own replaces it. */
static gboolean fill_program(LsbDraft *draft, GError **error)
{
    (void)error;
    LsbDescription *d = &draft->d;
    if (!d->cwd)
        d->cwd = g_strdup("/");
    if (d->timezone)
        g_ptr_array_insert(d->extra_env, 0, g_strconcat("TZ=", d->timezone, NULL));
    d->env = lsb_program_environment(d->identity, &d->extra_env, 1);
    return TRUE;
}

const LsbDescriptionStep lsb_description_steps[] = {
    {.run = fill_names, .gives = LSB_FACT_NAMES},
    {.run = fill_scratch, .needs = LSB_FACT_NAMES, .gives = LSB_FACT_SCRATCH},
    {.run = fill_kind, .gives = LSB_FACT_KIND},
    {.run = fill_root, .gives = LSB_FACT_ROOT},
    {.run = check_kept_writes, .needs = LSB_FACT_KIND},
    {.run = fill_overlay, .needs = LSB_FACT_KIND, .gives = LSB_FACT_OVERLAY},
    {.run = check_include_targets},
    {.run = fill_home, .gives = LSB_FACT_HOME},
    {.run = check_kind_fits, .needs = LSB_FACT_KIND | LSB_FACT_ROOT},
    {.run = fill_network, .needs = LSB_FACT_KIND, .gives = LSB_FACT_NETWORK},
    {.run = fill_limits, .needs = LSB_FACT_KIND, .gives = LSB_FACT_LIMITS},
    {.run = check_terminal_size},
    {.run = fill_identity, .needs = LSB_FACT_ROOT, .gives = LSB_FACT_IDENTITY},
    {.run = check_userns, .needs = LSB_FACT_KIND | LSB_FACT_IDENTITY},
    {.run = check_identity, .needs = LSB_FACT_KIND | LSB_FACT_IDENTITY},
    {.run = check_rights},
    {.run = check_timezone, .needs = LSB_FACT_ROOT},
    {.run = check_home, .needs = LSB_FACT_HOME | LSB_FACT_IDENTITY},
    {.run = fill_program, .needs = LSB_FACT_IDENTITY, .gives = LSB_FACT_PROGRAM},
    {.run = NULL},
};

gboolean lsb_description_complete(LsbDraft *draft, GError **error)
{
    for (const LsbDescriptionStep *step = lsb_description_steps; step->run; step++)
        if (!step->run(draft, error))
            return FALSE;
    return TRUE;
}
