/*
 * What every sandbox has besides its root: /dev, /proc, /sys, the loopback interface.
 */
#ifndef LSANDBOX_INIT_BASICS_H
#define LSANDBOX_INIT_BASICS_H

#include "path.h"
#include "plan.h"

/*
 * Machine, before there is a plan: all of it, in the initramfs: a small /dev with nothing of the
 * hardware, /proc and /sys, protected, and the loopback interface. A template is taken after this,
 * and each machine that starts from it is spared the work. Once for each plan. WORK: a directory
 * where something may be mounted for a moment.
 */
int basics_stage(const char *work);

/* Machine: move that into the root, and mount what the plan has a say in. */
int basics_mount(struct root *root, const struct plan *plan);

/*
 * Container: libvirt has made /dev, /proc and /sys; add what is missing, hide the console, and
 * protect them.
 */
int basics_complete(struct root *root, const struct plan *plan);

/* Container; a machine's is up since it was staged. */
void basics_loopback(void);

#endif
