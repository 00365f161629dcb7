/* The verb `run`: options, "--", a program and its arguments. */
#ifndef LSANDBOX_RUNTIME_VERB_RUN_H
#define LSANDBOX_RUNTIME_VERB_RUN_H

/* Carry the verb out; ARGV[0] is "run". Returns the exit status. */
int lsb_verb_run(int argc, char **argv);

#endif
