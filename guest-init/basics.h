/*
 * What every sandbox has besides its root: /dev, /proc, /sys, the loopback interface.
 */
#ifndef LSANDBOX_INIT_BASICS_H
#define LSANDBOX_INIT_BASICS_H

#include "path.h"
#include "plan.h"

/* Machine: a small /dev with nothing of the hardware, /proc and /sys. */
int basics_mount(struct root *root, const struct plan *plan);

/* Container: libvirt has made /dev, /proc and /sys; add what is missing and hide the console. */
int basics_complete(struct root *root, const struct plan *plan);

/* Both: make the dangerous parts of /proc and /sys read-only or empty, as container runtimes do. */
int basics_protect(struct root *root);

void basics_loopback(void);

#endif
