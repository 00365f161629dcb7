/* The verb `template`: what machines start from, made and looked after by hand. */
#ifndef LSANDBOX_RUNTIME_VERB_TEMPLATE_H
#define LSANDBOX_RUNTIME_VERB_TEMPLATE_H

/* The verb `template`: make, list, check, remove. ARGV[0] is "template". */
int lsb_verb_template(int argc, char **argv);

#endif
