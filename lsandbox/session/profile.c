/* What a session must know of its sandbox, copied out of the sandbox's description. */
#include "session/profile.h"

#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/identityfields.h"
#include "recipe/identity/rights.h"

static gpointer copy_string(gconstpointer string, gpointer none)
{
    (void)none;
    return g_strdup(string);
}

static GPtrArray *copy_strings(GPtrArray *strings)
{
    GPtrArray *copy = strings ? g_ptr_array_copy(strings, copy_string, NULL) : g_ptr_array_new();
    g_ptr_array_set_free_func(copy, g_free);
    return copy;
}

static GPtrArray *writable_directories(const LsbDescription *d)
{
    GPtrArray *writable = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (m->type == LSB_MOUNT_BIND && !m->readonly && !m->is_file)
            g_ptr_array_add(writable, g_strdup(m->source));
    }
    if (d->home == LSB_HOME_DIRECTORY)
        g_ptr_array_add(writable, g_strdup(d->home_source));
    return writable;
}

LsbProfile *lsb_profile_new(const LsbDescription *d)
{
    static const LsbRights nothing_said;
    LsbProfile *p = g_new0(LsbProfile, 1);
    p->own_kernel = d->kind == LSB_MACHINE;
    p->identity = lsb_identity_copy(d->identity);
    p->rights = lsb_rights_join(&d->rights, &nothing_said);
    p->rlimits = d->rlimits;
    p->max_output = d->max_output;
    p->cwd = g_strdup(d->cwd);
    p->env = copy_strings(d->extra_env);
    p->users = g_strdup(lsb_description_users(d));
    lsb_identity_maps(d, &p->uids, &p->gids);
    p->command = g_strdupv(d->command);
    p->input = d->input ? g_bytes_ref(d->input) : NULL;
    p->tty = d->tty;
    p->rows = d->rows;
    p->cols = d->cols;
    p->writable = writable_directories(d);
    return p;
}

void lsb_profile_free(LsbProfile *p)
{
    if (!p)
        return;
    lsb_identity_free(p->identity);
    lsb_rights_clear(&p->rights);
    g_free(p->cwd);
    g_ptr_array_unref(p->env);
    g_free(p->users);
    g_strfreev(p->command);
    if (p->input)
        g_bytes_unref(p->input);
    g_ptr_array_unref(p->writable);
    g_free(p);
}
