/* TODO: say what verb_run is about. */
#ifndef LSANDBOX_RUNTIME_VERB_RUN_H
#define LSANDBOX_RUNTIME_VERB_RUN_H

/* The verb `run`: options, "--", program and arguments. ARGV[0] is "run". */
int lsb_verb_run(int argc, char **argv);

#endif
