/* TODO: say what seccompprofiles is about. */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPPROFILES_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPPROFILES_H

#include "recipe/identity/seccompfilter_private.h"

/* By LsbSeccompProfile; NONE and OWN have no tables. */
extern const LsbSeccompRules lsb_seccomp_rules[];

#endif
