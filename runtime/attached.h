/* TODO: say what attached is about. */
#ifndef LSANDBOX_RUNTIME_ATTACHED_H
#define LSANDBOX_RUNTIME_ATTACHED_H

#include "recipe/description.h"
#include "run.h"

/*
 * Start a sandbox for D, which is taken over, run its command with our stdin, stdout and stderr,
 * destroy it. Returns the exit status for the command: the program's, 128 + signal, 126 and 127 as
 * a shell, or LSB_EXIT_FAILURE with a message on stderr. Where HOW asks for a file that cannot be
 * written nothing is started.
 */
int lsb_run_attached(LsbDescription *d, const LsbRunning *how);

#endif
