/* TODO: say what verb_recipe is about. */
#ifndef LSANDBOX_RUNTIME_VERB_RECIPE_H
#define LSANDBOX_RUNTIME_VERB_RECIPE_H

#include "recipe/description.h"

/* Run a recipe file; the description of the table that it returns. NULL: none, and the STATUS to exit
 * with; what was wrong has been said. */
LsbDescription *lsb_recipe_load(int argc, char **argv, int *status);

/* `lsandbox RECIPE [arguments]`. ARGV[0] is the recipe. */
int lsb_verb_recipe(int argc, char **argv);

#endif
