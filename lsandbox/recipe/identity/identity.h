/*
 * Users of a root file system: names to numbers and back, by the root's own passwd and group files.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_IDENTITY_H
#define LSANDBOX_RECIPE_IDENTITY_IDENTITY_H

#include <glib.h>
#include <sys/types.h>

#include "recipe/description.h"

/* What root gets when the recipe names no user: the kernel's overflow uid, "nobody" everywhere. */
enum { LSB_NOBODY = 65534 };

/*
 * The identity of USER (a name or a decimal number; NULL: the invoking user, nobody for root) in
 * ROOT. NULL when the name is not known there. Caller frees. Where ROOT is NULL (an image: its
 * users are for its own kernel to see), only numbers and "root" are known; a number is its own
 * group.
 */
LsbIdentity *lsb_identity_new(const char *root, const char *user);
/* The group of that name, or number, of the root file system ROOT; FALSE: none. */
gboolean lsb_identity_group(const char *root, const char *name, gid_t *gid);

LsbIdentity *lsb_identity_copy(const LsbIdentity *identity);
void lsb_identity_free(LsbIdentity *identity);

/*
 * Whom IDENTITY stands for in the host's files when root starts the sandbox: itself, or where it is
 * root the distribution's own user for QEMU, else nobody. Never the host's root.
 */
void lsb_identity_on_host(const LsbIdentity *identity, uid_t *uid, gid_t *gid);

/*
 * Home directories in ROOT that no sandbox may see, canonical, sorted, none inside another. strv.
 * ROOT NULL: where they usually are.
 */
char **lsb_identity_homes(const char *root);

#endif
