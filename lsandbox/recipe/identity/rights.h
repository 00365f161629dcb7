/*
 * The rights of a program beside its identity: its capabilities, no_new_privs, its seccomp filter,
 * and its umask.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_RIGHTS_H
#define LSANDBOX_RECIPE_IDENTITY_RIGHTS_H

#include <glib.h>

#include "recipe/identity/seccompfilter.h"

enum { LSB_USUAL_UMASK = 022 };

/* The rights as written. A right that is not set follows from PRIVILEGED. */
typedef struct {
    gboolean has_privileged, privileged;
    gboolean has_capabilities;
    guint64 capabilities; /* a bit for each number of linux/capability.h */
    gboolean has_no_new_privs, no_new_privs;
    gboolean has_umask;
    guint umask;
    LsbSeccomp *seccomp; /* NULL: not set */
} LsbRights;

/* Free what RIGHTS holds. */
void lsb_rights_clear(LsbRights *rights);

/* Check that a table does not have both privileged = true and a list of capabilities. */
gboolean lsb_rights_check(const LsbRights *rights, GError **error);

/*
 * The rights of a program whose table says OWN in a sandbox whose recipe says RECIPE. OWN wins
 * where it is set. If OWN sets privileged or capabilities, neither of RECIPE's counts, because the
 * two mean the same thing. Caller clears.
 */
LsbRights lsb_rights_join(const LsbRights *recipe, const LsbRights *own);

/* --- the rights that hold --- */

/* A bit for each number of linux/capability.h; all bits: every capability that the sandbox has. */
guint64 lsb_rights_capabilities(const LsbRights *rights);
gboolean lsb_rights_no_new_privs(const LsbRights *rights);
guint lsb_rights_umask(const LsbRights *rights);

/* The filter to compile (seccompfilter.h). Caller unrefs. */
LsbSeccomp *lsb_rights_seccomp(const LsbRights *rights);

/* The name of that filter, "default" for one. Static. */
const char *lsb_rights_seccomp_name(const LsbRights *rights);

/* --- names of capabilities --- */

/* The name of capability NUMBER as recipes write it; NULL: unknown. Static. */
const char *lsb_capability_name(int number);
/*
 * The number of the capability NAME, with or without "CAP_", in upper or lower case; -1: unknown.
 */
int lsb_capability_number(const char *name);
/* The capability whose name is most similar to NAME; NULL: none is. Static. */
const char *lsb_capability_nearest(const char *name);

#endif
