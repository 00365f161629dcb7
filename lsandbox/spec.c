#include "spec.h"

#include <stddef.h>

#include "error.h"
#include "fields.h"
#include "identity.h"
#include "programfields.h"

static const char *const stdio_words[] = {"pipe", "null", "inherit", NULL};

typedef struct {
    LsbProgramSpec *spec;
    GPtrArray *env;
    char **command;
    char *cwd, *user;
    gboolean privileged;
    double timeout;
    int stdio[3];
    GBytes *input;
} ProgramDraft;

static const LsbField program_fields[] = {
    {"command", lsb_program_command, offsetof(ProgramDraft, command), NULL},
    {"env", lsb_field_environment, offsetof(ProgramDraft, env), NULL},
    {"cwd", lsb_field_path, offsetof(ProgramDraft, cwd), NULL},
    {"user", lsb_program_user, offsetof(ProgramDraft, user), NULL},
    {"privileged", lsb_field_boolean, offsetof(ProgramDraft, privileged), NULL},
    {"stdin", lsb_field_enum, offsetof(ProgramDraft, stdio[0]), stdio_words},
    {"stdout", lsb_field_enum, offsetof(ProgramDraft, stdio[1]), stdio_words},
    {"stderr", lsb_field_enum, offsetof(ProgramDraft, stdio[2]), stdio_words},
    {"input", lsb_program_input, offsetof(ProgramDraft, input), NULL},
    {"timeout", lsb_field_seconds, offsetof(ProgramDraft, timeout), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean no_command(GError **error)
{
    return lsb_fail(error, INVALID, "command: expected a program and its arguments, got nothing");
}

static gboolean program_read(ProgramDraft *draft, const LsbValue *table, GError **error)
{
    if (!lsb_fields_read(table, "", program_fields, draft, error))
        return FALSE;
    return lsb_program_items(&draft->command, table, error) &&
           (draft->command || no_command(error));
}

/* The recipe's own program. */
static gboolean program_default(ProgramDraft *draft, const LsbDescription *d, GError **error)
{
    draft->command = g_strdupv(d->command);
    draft->input = d->input ? g_bytes_ref(d->input) : NULL;
    return draft->command || no_command(error);
}

static gboolean program_fill(ProgramDraft *draft, const LsbDescription *d, GError **error)
{
    LsbProgramSpec *spec = draft->spec;
    spec->identity = draft->user ? lsb_program_identity(d->root, draft->user, error)
                                 : lsb_identity_copy(d->identity);
    if (!spec->identity)
        return FALSE;
    if (draft->input)
        draft->stdio[0] = LSB_STDIO_PIPE;
    GPtrArray *extra[] = {d->extra_env, draft->env};
    spec->env = lsb_program_environment(spec->identity, extra, G_N_ELEMENTS(extra));
    spec->argv = g_steal_pointer(&draft->command);
    spec->cwd = draft->cwd ? g_steal_pointer(&draft->cwd) : g_strdup(d->cwd);
    spec->privileged = draft->privileged;
    spec->timeout = draft->timeout;
    spec->input = g_steal_pointer(&draft->input);
    for (int i = 0; i < 3; i++)
        spec->stdio[i] = (LsbStdio)draft->stdio[i];
    return TRUE;
}

static void program_draft_clear(ProgramDraft *draft)
{
    g_ptr_array_unref(draft->env);
    g_strfreev(draft->command);
    g_free(draft->cwd);
    g_free(draft->user);
    if (draft->input)
        g_bytes_unref(draft->input);
}

LsbProgramSpec *lsb_program_spec_new(const LsbDescription *d, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error)
{
    if (table && table->kind != LSB_VALUE_TABLE) {
        lsb_field_error(error, "program", "a table", table);
        return NULL;
    }
    g_autoptr(LsbProgramSpec) spec = g_new0(LsbProgramSpec, 1);
    ProgramDraft draft = {.spec = spec,
                          .env = g_ptr_array_new_with_free_func(g_free),
                          .privileged = d->privileged,
                          .stdio = {(int)defaults[0], (int)defaults[1], (int)defaults[2]}};
    gboolean ok =
        (table ? program_read(&draft, table, error) : program_default(&draft, d, error)) &&
        program_fill(&draft, d, error);
    program_draft_clear(&draft);
    return ok ? g_steal_pointer(&spec) : NULL;
}

void lsb_program_spec_free(LsbProgramSpec *spec)
{
    if (!spec)
        return;
    g_strfreev(spec->argv);
    g_strfreev(spec->env);
    g_free(spec->cwd);
    lsb_identity_free(spec->identity);
    if (spec->input)
        g_bytes_unref(spec->input);
    g_free(spec);
}
