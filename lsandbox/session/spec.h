/*
 * What to run in a sandbox: a program's table after validation, every default filled in from the
 * description of its sandbox.
 */
#ifndef LSANDBOX_SESSION_SPEC_H
#define LSANDBOX_SESSION_SPEC_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/identity/rights.h"
#include "recipe/rlimits.h"
#include "recipe/value/value.h"

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
    int fd[3];          /* for LSB_STDIO_FD: the spec's own descriptor; else -1 */
    GBytes *input;      /* stdin given as a string, or NULL */
    double timeout;     /* seconds; 0: none */
    guint64 max_output; /* bytes of each captured stream */
    gboolean files;     /* the guest init's own file service (WIRE_SPAWN_FILES), no program */
    gboolean tty;
    guint rows, cols; /* of the terminal; 0: not said */
} LsbProgramSpec;

/*
 * Read a program's table (`{ "sort", "-u", stdin = "pipe", env = {...} }`), defaults from D.
 * TABLE NULL means the recipe's own command. DEFAULTS are the three stdio modes where the table
 * does not say. Errors as above.
 */
LsbProgramSpec *lsb_program_spec_new(const LsbDescription *d, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error);
/* The descriptor for STREAM (0 to 2): ours that is inherited, the spec's own, or -1. Borrowed. */
int lsb_program_spec_fd(const LsbProgramSpec *spec, int stream);

/* Close the spec's own descriptors: whoever needs them has duplicates by now. */
void lsb_program_spec_let_go(LsbProgramSpec *spec);

/* The first of "stdin", "stdout", "stderr" that the caller has to serve; NULL: none. */
const char *lsb_program_spec_pipe(const LsbProgramSpec *spec);

/* NULL is fine. */
void lsb_program_spec_free(LsbProgramSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgramSpec, lsb_program_spec_free)

#endif
