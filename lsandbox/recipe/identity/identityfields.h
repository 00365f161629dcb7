/*
 * Who programs are and what they may do, as a recipe and a program's table say it: the fields that
 * both have (see fields.h), and what follows from them.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDENTITYFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_IDENTITYFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/identity/idmap.h"
#include "recipe/value/value.h"

/* As written: names or numbers of the root file system. All NULL: not said. */
typedef struct {
    char *user, *group;
    char **groups; /* an empty list: none */
} LsbWho;

void lsb_who_clear(LsbWho *who);

/* Parsers. OUT points to: */
gboolean lsb_identity_parse_user(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                                 GError **);
gboolean lsb_identity_parse_group(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                                  GError **);
gboolean lsb_identity_parse_groups(const LsbValue *, const char *, gpointer strv_out, gconstpointer,
                                   GError **);

/*
 * The user, group and groups of the root file system ROOT that WHO says; BASE is what holds where
 * it does not, NULL: the invoking user. Caller frees.
 */
LsbIdentity *lsb_identity_of(const char *root, const LsbWho *who, const LsbIdentity *base,
                             GError **error);

/* That the recipe's user namespace is one for its kind, its caller, and its user. */
gboolean lsb_userns_check(const LsbDescription *d, GError **error);

/* The ids that a sandbox made from D has: what its user namespace maps, or every id (n is 0). */
void lsb_identity_maps(const LsbDescription *d, LsbIdMap *uids, LsbIdMap *gids);

/* Whether a sandbox that has the ids of UIDS and GIDS has those of ID. LSB_ERROR_INVALID. */
gboolean lsb_identity_check_ids(const LsbIdentity *id, const LsbIdMap *uids, const LsbIdMap *gids,
                                GError **error);

/* Whether the sandbox has the ids: a container's user namespace does not map every number. */
gboolean lsb_identity_check(const LsbDescription *d, const LsbIdentity *id, GError **error);

#endif
