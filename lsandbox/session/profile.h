/*
 * What a session must know of the sandbox at the other end of its channel: who its programs are,
 * what they may do, and which directories of the host the sandbox can write. A process that holds
 * no domain can make one, from a description or member by member.
 */
#ifndef LSANDBOX_SESSION_PROFILE_H
#define LSANDBOX_SESSION_PROFILE_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/identity/idmap.h"
#include "recipe/identity/rights.h"
#include "recipe/rlimits.h"

typedef struct {
    /* A machine: its kernel has a clock and random numbers of its own, which the host sets. */
    gboolean own_kernel;

    /* What a program gets where its own table does not say. */
    LsbIdentity *identity;
    LsbRights rights;
    LsbRlimits rlimits;
    guint64 max_output; /* bytes of each captured stream */
    char *cwd;
    GPtrArray *env; /* "NAME=value", what the recipe adds to the usual environment */

    /* Which other users a program may name. */
    char *users;         /* root directory whose passwd and group name them; NULL: numbers only */
    LsbIdMap uids, gids; /* the ids that the sandbox has; n is 0: every id */

    /* The recipe's own program. */
    char **command; /* NULL: the recipe has none */
    GBytes *input;  /* its stdin, or NULL */
    LsbTty tty;
    guint rows, cols; /* of its terminal; 0: not said */

    GPtrArray *writable; /* char *, directories of the host that the sandbox can write */
} LsbProfile;

/* The profile of a sandbox made from D, of which everything is copied. Caller frees. */
LsbProfile *lsb_profile_new(const LsbDescription *d);

/* NULL is fine. */
void lsb_profile_free(LsbProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProfile, lsb_profile_free)

#endif
