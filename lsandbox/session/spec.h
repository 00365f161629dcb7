/*
 * What to run in a sandbox: a program's table after validation, with every default filled in from
 * the session's profile.
 */
#ifndef LSANDBOX_SESSION_SPEC_H
#define LSANDBOX_SESSION_SPEC_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/identity/rights.h"
#include "recipe/rlimits.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "session/profile.h"

typedef enum { LSB_STDIO_PIPE, LSB_STDIO_NULL, LSB_STDIO_INHERIT, LSB_STDIO_FD } LsbStdio;

typedef struct {
    char **argv;
    char **env;
    char *cwd;
    LsbIdentity *identity;
    LsbRights rights;
    GBytes *filter; /* struct sock_filter; NULL: none */
    LsbRlimits rlimits;
    LsbStdio stdio[3];
    int fd[3];          /* for LSB_STDIO_FD: a descriptor that the spec closes; else -1 */
    GBytes *input;      /* stdin given as a string, or NULL */
    double timeout;     /* seconds; 0: none */
    guint64 max_output; /* bytes of each captured stream */
    gboolean files;     /* the guest init's own file service (WIRE_SPAWN_FILES), no program */
    gboolean tty;
    guint rows, cols; /* of the terminal; 0: not said */
} LsbProgramSpec;

/* The fields that a program's table may have, ended by a NULL name. */
extern const LsbField lsb_program_fields[];

/*
 * Read a program's table (`{ "sort", "-u", stdin = "pipe", env = {...} }`); what TABLE does not say
 * comes from PROFILE. Where TABLE is NULL, the recipe's own program is meant. DEFAULTS are the
 * modes of stdin, stdout and stderr where the table does not say. The caller frees the spec. NULL
 * with LSB_ERROR_INVALID, which names the field.
 */
LsbProgramSpec *lsb_program_spec_new(const LsbProfile *profile, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error);

/*
 * The program of the guest init's file service (shared/filewire.h) that does ARGUMENTS, the first
 * of which is the operation's name, with the rights of USER (a name or a number; NULL: the
 * profile's user). It has no environment, terminal, limits or system call filter, because the guest
 * init's own code acts; stdin is a pipe where HAS_INPUT, stdout is a pipe. The caller frees the
 * spec. NULL with LSB_ERROR_INVALID where the sandbox has no such user.
 */
LsbProgramSpec *lsb_program_spec_service(const LsbProfile *profile, const char *const *arguments,
                                         const char *user, gboolean has_input, GError **error);

/*
 * The descriptor of this process for STREAM (0 to 2): an inherited one, the spec's own, or -1.
 * Borrowed.
 */
int lsb_program_spec_fd(const LsbProgramSpec *spec, int stream);

/* Close the spec's own descriptors. The program that was made from the spec has duplicates. */
void lsb_program_spec_let_go(LsbProgramSpec *spec);

/* The first of "stdin", "stdout", "stderr" that the caller has to serve; NULL: none. */
const char *lsb_program_spec_pipe(const LsbProgramSpec *spec);

/* NULL is fine. */
void lsb_program_spec_free(LsbProgramSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgramSpec, lsb_program_spec_free)

#endif
