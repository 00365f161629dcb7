/* Run one program of a recipe with the terminal attached, as the command does. */
#ifndef LSANDBOX_RUNTIME_RUN_H
#define LSANDBOX_RUNTIME_RUN_H

#include <glib.h>

#include "domain/template/savedmachine.h"

/* What the command exits with when lsandbox itself fails, as env(1) and timeout(1) do. */
enum { LSB_EXIT_FAILURE = 125 };

/* What is no part of a recipe. Borrowed. */
typedef struct {
    gboolean times;          /* to be told, on stderr */
    const char *trace;       /* the file for its timeline; NULL: none */
    LsbSavedMachine *origin; /* what the machine goes on from; NULL: a start like any other */
} LsbRunning;

#endif
