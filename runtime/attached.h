/* Running the program of a recipe on the command's own standard streams, terminal and signals. */
#ifndef LSANDBOX_RUNTIME_ATTACHED_H
#define LSANDBOX_RUNTIME_ATTACHED_H

#include <glib.h>

#include "domain/template/savedmachine.h"
#include "recipe/description.h"

/* How to run, beside what the recipe says. Borrowed. */
typedef struct {
    gboolean times;          /* print on stderr how long the parts of the run took */
    const char *trace;       /* the file for its timeline; NULL: none */
    LsbSavedMachine *origin; /* the saved machine that goes on; NULL: a start like any other */
} LsbRunning;

/*
 * Start a sandbox for D, which is taken over, run its command, destroy it. Returns the exit status
 * for lsandbox: the program's, 128 + signal, 126 and 127 as a shell, 124 after a timeout, or
 * LSB_EXIT_FAILURE with a message on stderr. Nothing is started when the file of HOW->trace cannot
 * be written.
 */
int lsb_run_attached(LsbDescription *d, const LsbRunning *how);

#endif
