/* A description that is being made, for description.c and descriptionsteps.c. */
#ifndef LSANDBOX_RECIPE_DESCRIPTION_PRIVATE_H
#define LSANDBOX_RECIPE_DESCRIPTION_PRIVATE_H

#include "recipe/description.h"
#include "recipe/identity/identityfields.h"

/*
 * Names of users and the field home stay text until the root, which says what they mean, is known.
 */
typedef struct {
    LsbDescription d; /* must be first, because freeing D frees the draft */
    LsbWho who;
    char *home;
} LsbDraft;

#endif
