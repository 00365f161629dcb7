/*
 * The guest's memory as a descriptor of QEMU's, MEMORY_FD, for machines that are made into a
 * template (a new memfd, shared) and those that start from one (its file, which QEMU maps
 * privately). QEMU is told to open /proc/self/fd/MEMORY_FD: it needs no way to the file, and has no
 * right to write to it.
 */
#ifndef LSANDBOX_LAUNCHER_MEMORY_H
#define LSANDBOX_LAUNCHER_MEMORY_H

#include "jail.h"

/*
 * Open what the jail names, as MEMORY_FD, to be passed on. Any error is fatal. While we are still
 * who started us: a template is in a directory of root's.
 */
void memory_open(struct jail *jail);

/*
 * Have QEMU load the library that makes it open a template read-only (preload.c), where the jail
 * names one. For the environment that QEMU gets.
 */
void memory_preload(const struct jail *jail);

#endif
