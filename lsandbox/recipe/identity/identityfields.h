/*
 * The fields user, group and groups of a recipe and of a program's table, and the identity that
 * follows from them.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDENTITYFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_IDENTITYFIELDS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/identity/idmap.h"
#include "recipe/value/value.h"

/* The three fields as written: names or numbers of the root file system. NULL: not set. */
typedef struct {
    char *user, *group;
    char **groups; /* an empty list: no supplementary groups */
} LsbWho;

/* Free what WHO holds. */
void lsb_who_clear(LsbWho *who);

/* Parsers of the three fields (fields.h). The members of an LsbWho are OUT. */
gboolean lsb_identity_parse_user(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                                 GError **);
gboolean lsb_identity_parse_group(const LsbValue *, const char *, gpointer char_out, gconstpointer,
                                  GError **);
gboolean lsb_identity_parse_groups(const LsbValue *, const char *, gpointer strv_out, gconstpointer,
                                   GError **);

/*
 * The identity that WHO names in the root file system at ROOT (NULL: an image, see identity.h).
 * BASE holds if WHO names no user; NULL: the invoking user. Caller frees. NULL with
 * LSB_ERROR_INVALID.
 */
LsbIdentity *lsb_identity_of(const char *root, const LsbWho *who, const LsbIdentity *base,
                             GError **error);

/* Check that the recipe's security.userns suits its kind, its user, and the user who starts it. */
gboolean lsb_userns_check(const LsbDescription *d, GError **error);

/* The ids that a sandbox made from D has: what its user namespace maps, or every id (n is 0). */
void lsb_identity_maps(const LsbDescription *d, LsbIdMap *uids, LsbIdMap *gids);

/* Check that a sandbox with the ids of UIDS and GIDS has those of ID; else LSB_ERROR_INVALID. */
gboolean lsb_identity_check_ids(const LsbIdentity *id, const LsbIdMap *uids, const LsbIdMap *gids,
                                GError **error);

/*
 * Check that a sandbox made from D has the ids of ID, because a container's user namespace does not
 * map every number. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_identity_check(const LsbDescription *d, const LsbIdentity *id, GError **error);

#endif
