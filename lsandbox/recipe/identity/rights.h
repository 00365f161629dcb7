/*
 * What a program may do besides what its user may: capabilities, new privileges, system calls; and
 * the mask of the files that it makes.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_RIGHTS_H
#define LSANDBOX_RECIPE_IDENTITY_RIGHTS_H

#include <glib.h>

#include "recipe/identity/seccompfilter.h"

enum { LSB_USUAL_UMASK = 022 };

/* What was said: each follows from `privileged` where it was not. */
typedef struct {
    gboolean has_privileged, privileged;
    gboolean has_capabilities;
    guint64 capabilities; /* as bits of linux/capability.h */
    gboolean has_no_new_privs, no_new_privs;
    gboolean has_umask;
    guint umask;
    LsbSeccomp *seccomp; /* NULL: not said */
} LsbRights;

/* Release what RIGHTS holds. */
void lsb_rights_clear(LsbRights *rights);

/* privileged = true and a list of capabilities in one table contradict each other. */
gboolean lsb_rights_check(const LsbRights *rights, GError **error);

/*
 * What holds for a program whose table says OWN in a sandbox whose recipe says RECIPE: where both
 * speak, the program's own. privileged and capabilities say the same thing, so that the program's
 * either sets aside the recipe's both. Caller clears.
 */
LsbRights lsb_rights_join(const LsbRights *recipe, const LsbRights *own);

/* What follows. Masks are of linux/capability.h; all bits: whatever the sandbox has. */
guint64 lsb_rights_capabilities(const LsbRights *rights);
gboolean lsb_rights_no_new_privs(const LsbRights *rights);
guint lsb_rights_umask(const LsbRights *rights);
/* The filter to be compiled; caller unrefs. */
LsbSeccomp *lsb_rights_seccomp(const LsbRights *rights);

/* Its name, static. */
const char *lsb_rights_seccomp_name(const LsbRights *rights);

/* The name of capability NUMBER as recipes write it, static; NULL: there is none. */
const char *lsb_capability_name(int number);
/* The number of the capability that NAME, with "CAP_" or without, in any case, is; -1. */
int lsb_capability_number(const char *name);
/* The name most like NAME, static; or NULL. */
const char *lsb_capability_nearest(const char *name);

#endif
