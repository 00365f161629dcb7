/*
 * The guest's memory as a descriptor of QEMU's, MEMORY_FD. A machine that is made into a template
 * has a new memfd there, shared; a machine that starts from a template has the template's file,
 * which QEMU maps privately. QEMU is told to open /proc/self/fd/MEMORY_FD, so it needs no path to
 * the file, and has no right to write to it.
 */
#ifndef LSANDBOX_LAUNCHER_MEMORY_H
#define LSANDBOX_LAUNCHER_MEMORY_H

#include "jail.h"

/*
 * Open what the jail names as MEMORY_FD, for QEMU to inherit. Any error is fatal. Call this before
 * identity_take(), because a template is in a directory of the user that started the launcher.
 */
void memory_open(struct jail *jail);

/*
 * Where the jail names a library that makes QEMU open a template read-only (preload.c), put it into
 * LD_PRELOAD of the environment that QEMU inherits.
 */
void memory_preload(const struct jail *jail);

#endif
