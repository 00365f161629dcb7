/*
 * Processors that the host adds to a running machine. The kernel finds them, and leaves it to the
 * init to switch them on (the kernel's core-api/cpu_hotplug.rst).
 */
#ifndef LSANDBOX_INIT_HOTPLUG_H
#define LSANDBOX_INIT_HOTPLUG_H

#include "server.h"

/* Prepare in the initramfs, whose /sys can be written. Without effect where none can be added. */
void hotplug_prepare(void);

/* Switch added processors on from now on. */
void hotplug_watch(struct server *s);

#endif
