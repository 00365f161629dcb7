/* Run one program of a recipe with the terminal attached, as the command does. */
#ifndef LSANDBOX_RUN_H
#define LSANDBOX_RUN_H

#include "recipe/description.h"
#include "domain/template/savedmachine.h"

/* What the command exits with when lsandbox itself fails, as env(1) and timeout(1) do. */
enum { LSB_EXIT_FAILURE = 125 };

/* What is no part of a recipe. Borrowed. */
typedef struct {
    gboolean times;          /* to be told, on stderr */
    const char *trace;       /* the file for its timeline; NULL: none */
    LsbSavedMachine *origin; /* what the machine goes on from; NULL: a start like any other */
} LsbRunning;

/*
 * Start a sandbox for D, which is taken over, run its command with our stdin, stdout and stderr,
 * destroy it. Returns the exit status for the command: the program's, 128 + signal, 126 and 127 as
 * a shell, or LSB_EXIT_FAILURE with a message on stderr. Where HOW asks for a file that cannot be
 * written nothing is started.
 */
int lsb_run_attached(LsbDescription *d, const LsbRunning *how);

/* "lsandbox: MESSAGE" on stderr. */
void lsb_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The verb `run`: options, "--", program and arguments. ARGV[0] is "run". */
int lsb_verb_run(int argc, char **argv);

/* Run a recipe file; the description of the table that it returns. NULL: none, and the STATUS to exit
 * with; what was wrong has been said. */
LsbDescription *lsb_recipe_load(int argc, char **argv, int *status);

/* The verb `template`: make, list, check, remove. ARGV[0] is "template". */
int lsb_verb_template(int argc, char **argv);

/* `lsandbox RECIPE [arguments]`. ARGV[0] is the recipe. */
int lsb_verb_recipe(int argc, char **argv);

#endif
