/* The files that libvirt leaves on the host of a container that has ended. */
#ifndef LSANDBOX_LXCFILES_H
#define LSANDBOX_LXCFILES_H

#include <stdbool.h>

/*
 * Remove what libvirt 9 leaves of the container NAME: three empty directories, a socket and a log.
 * Does nothing while a container of that name runs, whoever has started it: from before libvirt
 * makes those files until the container has ended, its NAME.pid is beside them. Returns whether no
 * such container runs.
 */
bool lxcfiles_remove(const char *name);

#endif
