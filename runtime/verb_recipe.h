/* The verb for a recipe file: runs it, and then the program of the table that it returns. */
#ifndef LSANDBOX_RUNTIME_VERB_RECIPE_H
#define LSANDBOX_RUNTIME_VERB_RECIPE_H

#include "recipe/description.h"

/*
 * Run the recipe file ARGV[0] with the arguments behind it. Returns the description of the table
 * that the recipe returns, the caller's; NULL when it returns none, with the STATUS to exit with:
 * errors have been printed.
 */
LsbDescription *lsb_recipe_load(int argc, char **argv, int *status);

/* `lsandbox RECIPE [arguments]`. ARGV[0] is the recipe. */
int lsb_verb_recipe(int argc, char **argv);

#endif
