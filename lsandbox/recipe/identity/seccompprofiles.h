/* The seccomp profiles: which system calls "default", "no-network" and "strict" refuse. */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPPROFILES_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPPROFILES_H

#include "recipe/identity/seccompfilter_private.h"

/* The rules of each LsbSeccompProfile; LSB_SECCOMP_NONE and LSB_SECCOMP_OWN have no tables. */
extern const LsbSeccompRules lsb_seccomp_rules[];

#endif
