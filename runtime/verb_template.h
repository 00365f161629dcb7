/* The verb `template`: makes, lists, checks and removes the templates that machines start from. */
#ifndef LSANDBOX_RUNTIME_VERB_TEMPLATE_H
#define LSANDBOX_RUNTIME_VERB_TEMPLATE_H

/* Carry the verb out; ARGV[0] is "template". Returns the exit status. */
int lsb_verb_template(int argc, char **argv);

#endif
