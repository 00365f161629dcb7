/*
 * Users of a root file system: names to numbers and back, by the root's own passwd and group files.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDENTITY_H
#define LSANDBOX_RECIPE_IDENTITY_IDENTITY_H

#include <glib.h>
#include <sys/types.h>

#include "recipe/description.h"

/*
 * Programs of a sandbox that root starts run as this user unless the recipe names another: nobody.
 */
enum { LSB_NOBODY = 65534 };

/*
 * The identity of USER in the root file system at ROOT. USER is a name or a decimal number; NULL is
 * the invoking user, and nobody if that is root. ROOT is NULL for a root image, whose users only
 * its own kernel can read: then only numbers and "root" are known, and a number is its own group.
 * Caller frees. NULL: ROOT has no user of that name.
 */
LsbIdentity *lsb_identity_new(const char *root, const char *user);

/*
 * Find the group NAME, or of the number in NAME, in the root file system at ROOT. FALSE: not found.
 */
gboolean lsb_identity_group(const char *root, const char *name, gid_t *gid);

/* Caller frees. */
LsbIdentity *lsb_identity_copy(const LsbIdentity *identity);
void lsb_identity_free(LsbIdentity *identity);

/*
 * The host user and group with which files of the host are accessed for IDENTITY when root starts a
 * sandbox: those of IDENTITY, or for root inside those of the distribution's user for QEMU, or else
 * nobody's. A group 0 of another user is the group nobody. So neither is ever the host's 0.
 */
void lsb_identity_on_host(const LsbIdentity *identity, uid_t *uid, gid_t *gid);

/*
 * The home directories of the root file system at ROOT, which no sandbox may see: canonical,
 * sorted, none inside another. ROOT NULL: the usual places. Caller frees with g_strfreev().
 */
char **lsb_identity_homes(const char *root);

#endif
