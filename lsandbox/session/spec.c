/* Reading a program's table; what the table does not say comes from the session's profile. */
#include "session/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/standardstreams.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/identityfields.h"
#include "recipe/identity/rights.h"
#include "recipe/identity/rightsfields.h"
#include "recipe/identity/seccompfilter.h"
#include "recipe/programfields.h"
#include "recipe/rlimits.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "session/descriptor.h"
#include "session/profile.h"

static const char *const stdio_names[3] = {"stdin", "stdout", "stderr"};

/* What the table says of one standard stream. */
typedef struct {
    gboolean given;
    LsbStdio mode;
    int fd; /* for LSB_STDIO_FD, a duplicate; else -1 */
} Stdio;

typedef struct {
    GPtrArray *env;
    char **command;
    char *cwd;
    LsbWho who;
    LsbRights rights;
    double timeout;
    Stdio stdio[3];
    GBytes *input;
    LsbRlimits rlimits;
    guint64 max_output;
    LsbTty tty;
    guint rows, cols;
} ProgramDraft;

/* --- standard streams --- */

static gboolean check_direction(int flags, const char *path, gboolean output, GError **error)
{
    int mode = flags & O_ACCMODE;
    if (mode == O_RDWR || mode == (output ? O_WRONLY : O_RDONLY))
        return TRUE;
    return lsb_fail(error, INVALID, "%s: expected a file open for %s, got one open for %s only",
                    path, output ? "writing" : "reading", output ? "reading" : "writing");
}

/* Duplicates the descriptor, because the script may close the file before the program starts. */
static gboolean take_file(const LsbValue *value, const char *path, Stdio *stdio, gboolean output,
                          GError **error)
{
    int flags = value->u.fd < 0 ? -1 : fcntl(value->u.fd, F_GETFL);
    if (flags < 0)
        return lsb_fail(error, INVALID, "%s: expected an open file, got a closed one", path);
    if (!check_direction(flags, path, output, error))
        return FALSE;
    stdio->fd = fcntl(value->u.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (stdio->fd < 0) {
        lsb_set_errno(error, errno, "%s: keep the file open", path);
        return FALSE;
    }
    stdio->mode = LSB_STDIO_FD;
    return TRUE;
}

/* ARG: NULL for stdin, which is read; not NULL for stdout and stderr, which are written. */
static gboolean parse_stdio(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    static const struct {
        const char *word;
        LsbStdio mode;
    } words[] = {
        {"pipe", LSB_STDIO_PIPE}, {"null", LSB_STDIO_NULL}, {"inherit", LSB_STDIO_INHERIT}};
    static const char what[] = "one of \"pipe\", \"null\", \"inherit\", or a file";
    Stdio *stdio = out;
    stdio->given = TRUE;
    if (value->kind == LSB_VALUE_FILE)
        return take_file(value, path, stdio, arg != NULL, error);
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(words[i].word, text) == 0) {
            stdio->mode = words[i].mode;
            return TRUE;
        }
    return lsb_field_error(error, path, what, value);
}

static gboolean check_beside_input(const ProgramDraft *draft, const LsbValue *table, GError **error)
{
    if (!draft->input || !draft->stdio[0].given)
        return TRUE;
    g_autofree char *shown = lsb_value_show(lsb_value_get(table, "stdin")),
                    *what = g_strdup_printf("nothing beside stdin = %s", shown);
    return lsb_field_error(error, "input", what, lsb_value_get(table, "input"));
}

static gboolean check_beside_tty(const ProgramDraft *draft, const LsbValue *table, GError **error)
{
    if (draft->tty != LSB_TTY_YES || !draft->stdio[2].given)
        return TRUE;
    return lsb_field_error(error, "stderr",
                           "nothing beside tty = true, where stdout has what a terminal shows",
                           lsb_value_get(table, "stderr"));
}

/*
 * Fill in the streams that the table does not mention. A program with a terminal gets a stdin even
 * where the default is none, because otherwise nobody could type.
 */
static void fill_stdio(ProgramDraft *draft, const LsbStdio defaults[3])
{
    for (int i = 0; i < 3; i++)
        if (!draft->stdio[i].given)
            draft->stdio[i].mode = defaults[i];
    if (draft->tty == LSB_TTY_YES) {
        draft->stdio[2].mode = LSB_STDIO_NULL;
        if (!draft->stdio[0].given && defaults[0] == LSB_STDIO_NULL)
            draft->stdio[0].mode = LSB_STDIO_PIPE;
    }
    if (draft->input)
        draft->stdio[0].mode = LSB_STDIO_PIPE;
}

/* --- the table --- */

const LsbField lsb_program_fields[] = {
    {"command", lsb_program_command, offsetof(ProgramDraft, command), NULL},
    {"env", lsb_field_environment, offsetof(ProgramDraft, env), NULL},
    {"cwd", lsb_field_path, offsetof(ProgramDraft, cwd), NULL},
    {"user", lsb_identity_parse_user, offsetof(ProgramDraft, who.user), NULL},
    {"group", lsb_identity_parse_group, offsetof(ProgramDraft, who.group), NULL},
    {"groups", lsb_identity_parse_groups, offsetof(ProgramDraft, who.groups), NULL},
    {"privileged", lsb_rights_parse_privileged, offsetof(ProgramDraft, rights), NULL},
    {"capabilities", lsb_rights_parse_capabilities, offsetof(ProgramDraft, rights), NULL},
    {"no_new_privs", lsb_rights_parse_no_new_privs, offsetof(ProgramDraft, rights), NULL},
    {"umask", lsb_rights_parse_umask, offsetof(ProgramDraft, rights), NULL},
    {"seccomp", lsb_rights_parse_seccomp, offsetof(ProgramDraft, rights), NULL},
    {"rlimits", lsb_rlimits_parse, offsetof(ProgramDraft, rlimits), NULL},
    {"stdin", parse_stdio, offsetof(ProgramDraft, stdio[0]), NULL},
    {"stdout", parse_stdio, offsetof(ProgramDraft, stdio[1]), "output"},
    {"stderr", parse_stdio, offsetof(ProgramDraft, stdio[2]), "output"},
    {"input", lsb_program_input, offsetof(ProgramDraft, input), NULL},
    {"timeout", lsb_field_seconds, offsetof(ProgramDraft, timeout), NULL},
    {"max_output", lsb_program_max_output, offsetof(ProgramDraft, max_output), NULL},
    {"tty", lsb_program_tty, offsetof(ProgramDraft, tty), NULL},
    {"rows", lsb_field_uint, offsetof(ProgramDraft, rows), &lsb_program_cells},
    {"cols", lsb_field_uint, offsetof(ProgramDraft, cols), &lsb_program_cells},
    {NULL, NULL, 0, NULL},
};

static gboolean no_command(GError **error)
{
    return lsb_fail(error, INVALID, "command: expected a program and its arguments, got nothing");
}

static gboolean program_read(ProgramDraft *draft, const LsbValue *table, GError **error)
{
    return lsb_fields_read(table, "", lsb_program_fields, draft, error) &&
           lsb_program_items(&draft->command, table, error) &&
           (draft->command || no_command(error)) &&
           lsb_program_check_size(draft->tty, draft->rows, draft->cols, error) &&
           lsb_rights_check(&draft->rights, error) && check_beside_input(draft, table, error) &&
           check_beside_tty(draft, table, error);
}

/* Fill in the recipe's own program. */
static gboolean program_default(ProgramDraft *draft, const LsbProfile *profile, GError **error)
{
    draft->command = g_strdupv(profile->command);
    draft->input = profile->input ? g_bytes_ref(profile->input) : NULL;
    draft->tty = profile->tty;
    draft->rows = profile->rows;
    draft->cols = profile->cols;
    return draft->command || no_command(error);
}

static gboolean set_identity(LsbProgramSpec *spec, const LsbProfile *profile, const LsbWho *who,
                             GError **error)
{
    spec->identity = lsb_identity_of(profile->users, who, profile->identity, error);
    return spec->identity &&
           lsb_identity_check_ids(spec->identity, &profile->uids, &profile->gids, error);
}

static gboolean make_filter(LsbProgramSpec *spec, GError **error)
{
    g_autoptr(GError) cause = NULL;
    LsbSeccomp *seccomp = lsb_rights_seccomp(&spec->rights);
    spec->filter = lsb_seccomp_compile(seccomp, lsb_rights_capabilities(&spec->rights), &cause);
    lsb_seccomp_unref(seccomp);
    if (!cause)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static gboolean program_fill(LsbProgramSpec *spec, ProgramDraft *draft, const LsbProfile *profile,
                             GError **error)
{
    if (!set_identity(spec, profile, &draft->who, error))
        return FALSE;
    spec->rights = lsb_rights_join(&profile->rights, &draft->rights);
    if (!make_filter(spec, error))
        return FALSE;
    GPtrArray *extra[] = {profile->env, draft->env};
    spec->env = lsb_program_environment(spec->identity, extra, G_N_ELEMENTS(extra));
    spec->argv = g_steal_pointer(&draft->command);
    spec->cwd = draft->cwd ? g_steal_pointer(&draft->cwd) : g_strdup(profile->cwd);
    spec->rlimits = draft->rlimits;
    spec->timeout = draft->timeout;
    spec->max_output = draft->max_output;
    spec->tty = draft->tty == LSB_TTY_YES;
    spec->rows = draft->rows;
    spec->cols = draft->cols;
    spec->input = g_steal_pointer(&draft->input);
    for (int i = 0; i < 3; i++) {
        spec->stdio[i] = draft->stdio[i].mode;
        spec->fd[i] = draft->stdio[i].fd;
        draft->stdio[i].fd = -1;
    }
    return TRUE;
}

static void program_draft_clear(ProgramDraft *draft)
{
    g_ptr_array_unref(draft->env);
    g_strfreev(draft->command);
    g_free(draft->cwd);
    lsb_who_clear(&draft->who);
    lsb_rights_clear(&draft->rights);
    if (draft->input)
        g_bytes_unref(draft->input);
    for (int i = 0; i < 3; i++)
        lsb_descriptor_close(&draft->stdio[i].fd);
}

static LsbProgramSpec *spec_new(void)
{
    lsb_standard_streams_hold(); /* because a script may close them at any moment */
    LsbProgramSpec *spec = g_new0(LsbProgramSpec, 1);
    for (int i = 0; i < 3; i++)
        spec->fd[i] = -1;
    return spec;
}

LsbProgramSpec *lsb_program_spec_new(const LsbProfile *profile, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error)
{
    if (table && table->kind != LSB_VALUE_TABLE) {
        lsb_field_error(error, "program", "a table", table);
        return NULL;
    }
    g_autoptr(LsbProgramSpec) spec = spec_new();
    ProgramDraft draft = {.env = g_ptr_array_new_with_free_func(g_free),
                          .rlimits = profile->rlimits,
                          .max_output = profile->max_output,
                          .stdio = {{.fd = -1}, {.fd = -1}, {.fd = -1}}};
    gboolean ok =
        table ? program_read(&draft, table, error) : program_default(&draft, profile, error);
    fill_stdio(&draft, defaults);
    ok = ok && program_fill(spec, &draft, profile, error);
    program_draft_clear(&draft);
    return ok ? g_steal_pointer(&spec) : NULL;
}

/* --- the guest init's file service --- */

static gboolean service_user(LsbWho *who, const char *user, GError **error)
{
    g_autoptr(LsbValue) value = user ? lsb_value_string(user, -1) : NULL;
    return !value || lsb_identity_parse_user(value, "user", &who->user, NULL, error);
}

LsbProgramSpec *lsb_program_spec_service(const LsbProfile *profile, const char *const *arguments,
                                         const char *user, gboolean has_input, GError **error)
{
    static const LsbRights nothing_said;
    g_autoptr(LsbProgramSpec) spec = spec_new();
    LsbWho who = {0};
    gboolean ok = service_user(&who, user, error) && set_identity(spec, profile, &who, error);
    lsb_who_clear(&who);
    spec->files = TRUE;
    spec->argv = g_strdupv((char **)arguments);
    spec->env = g_new0(char *, 1);
    spec->cwd = g_strdup("/");
    spec->rights = lsb_rights_join(&profile->rights, &nothing_said);
    spec->rights.has_umask = FALSE; /* an operation says the modes of its files itself */
    spec->stdio[0] = has_input ? LSB_STDIO_PIPE : LSB_STDIO_NULL;
    spec->stdio[1] = LSB_STDIO_PIPE;
    spec->stdio[2] = LSB_STDIO_NULL;
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
    lsb_rights_clear(&spec->rights);
    if (spec->filter)
        g_bytes_unref(spec->filter);
    if (spec->input)
        g_bytes_unref(spec->input);
    lsb_program_spec_let_go(spec);
    g_free(spec);
}

void lsb_program_spec_let_go(LsbProgramSpec *spec)
{
    for (int i = 0; i < 3; i++)
        lsb_descriptor_close(&spec->fd[i]);
}

int lsb_program_spec_fd(const LsbProgramSpec *spec, int stream)
{
    if (stream == STDIN_FILENO && spec->input)
        return -1;
    return spec->stdio[stream] == LSB_STDIO_INHERIT ? stream : spec->fd[stream];
}

const char *lsb_program_spec_pipe(const LsbProgramSpec *spec)
{
    for (int i = 0; i < 3; i++)
        if (spec->stdio[i] == LSB_STDIO_PIPE && !(i == 0 && spec->input))
            return stdio_names[i];
    return NULL;
}
