/*
 * Processors that a machine gets while it runs: the kernel finds them, and leaves it to its init to
 * switch them on (kernel, core-api/cpu_hotplug.rst).
 */
#ifndef LSANDBOX_INIT_HOTPLUG_H
#define LSANDBOX_INIT_HOTPLUG_H

#include "server.h"

/* In the initramfs, whose /sys can be written. A machine that cannot get any is left alone. */
void hotplug_prepare(void);

/* Listen from here on. */
void hotplug_watch(struct server *s);

#endif
