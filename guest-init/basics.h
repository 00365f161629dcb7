/* What every sandbox has besides its root: /dev, /proc, /sys, the loopback interface. */
#ifndef LSANDBOX_INIT_BASICS_H
#define LSANDBOX_INIT_BASICS_H

#include "path.h"
#include "plan.h"

/*
 * Machine, before each plan: make a small /dev without hardware, protected /proc and /sys, and the
 * loopback interface, in the initramfs. A template is taken after this, so a machine that starts
 * from one is spared the work. WORK is a directory where filesystems may be mounted for a moment.
 */
int basics_stage(const char *work);

/* Machine: move what basics_stage() has made into ROOT, and mount /dev/shm as PLAN says. */
int basics_mount(struct root *root, const struct plan *plan);

/* Container: complete the /dev, /proc and /sys that libvirt has made, and protect them. */
int basics_complete(struct root *root, const struct plan *plan);

/* Container: switch the loopback interface on. A machine's is on since basics_stage(). */
void basics_loopback(void);

#endif
