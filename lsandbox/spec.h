/*
 * What to run in a sandbox: a program's table after validation, every default filled in from the
 * description of its sandbox.
 */
#ifndef LSANDBOX_SPEC_H
#define LSANDBOX_SPEC_H

#include <glib.h>

#include "description.h"
#include "value.h"

typedef enum { LSB_STDIO_PIPE, LSB_STDIO_NULL, LSB_STDIO_INHERIT } LsbStdio;

typedef struct {
    char **argv;
    char **env;
    char *cwd;
    LsbIdentity *identity;
    gboolean privileged;
    LsbStdio stdio[3];
    GBytes *input;  /* stdin given as a string, or NULL */
    double timeout; /* seconds; 0: none */
} LsbProgramSpec;

/*
 * Read a program's table (`{ "sort", "-u", stdin = "pipe", env = {...} }`), defaults from D.
 * TABLE NULL means the recipe's own command. DEFAULTS are the three stdio modes where the table
 * does not say. Errors as above.
 */
LsbProgramSpec *lsb_program_spec_new(const LsbDescription *d, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error);
void lsb_program_spec_free(LsbProgramSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgramSpec, lsb_program_spec_free)

#endif
