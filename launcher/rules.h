/*
 * Which files QEMU may touch: the jail's own paths, and the few that any QEMU needs to start.
 *
 * Landlock rules only add rights, for a whole tree. So a tree with a hidden path in it is not
 * granted as a whole. Each directory on the way to the hidden path gets the right to be listed, and
 * each child that is neither hidden nor on the way gets the full rights. Three things follow:
 *
 *   - as a rule on a directory holds for all beneath it, the names below a hidden directory can
 *     still be listed (where ordinary permissions allow that); the contents of the files there
 *     cannot be read;
 *   - what is created later in a directory on the way is not granted;
 *   - nothing can be created in a directory on the way, even in a write= tree.
 *
 * The few system paths that QEMU cannot start without stay readable even where hide= names a tree
 * around them, because all of them are public.
 *
 * Rights hold for the file or directory itself, not for its name: a file that is hidden under one
 * name and granted under another (a bind mount, a hard link) can be read under the latter.
 */
#ifndef LSANDBOX_LAUNCHER_RULES_H
#define LSANDBOX_LAUNCHER_RULES_H

#include "jail.h"
#include "landlock.h"

/*
 * Add to RULES what JAIL allows, and what the QEMU binary at the absolute path QEMU needs. It is
 * fatal when a path of the jail cannot be opened.
 */
void rules_fill(const struct ll_ruleset *rules, const struct jail *jail, const char *qemu);

#endif
