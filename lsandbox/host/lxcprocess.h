/*
 * libvirt_lxc, the controller process of a container, and how to end a container without waiting
 * for libvirt's polls. When a controller sees its container's init end, libvirtd kills what is left
 * in the control group and looks again 200 ms later (virCgroupKillPainfully). If nothing is left at
 * that moment it does not wait. So: hold the controller, take it out of the
 * control group, let the init end, then kill it; libvirtd sees it gone, with an empty group, and
 * cleans up as after any other death of a controller.
 */
#ifndef LSANDBOX_HOST_LXCPROCESS_H
#define LSANDBOX_HOST_LXCPROCESS_H

#include "host/keeper.h"

/*
 * A pidfd of the controller with process id PID; -1 where it is no libvirt_lxc that we may signal.
 */
int lsb_lxc_process_open(int pid);

/* Stop it (SIGSTOP), before the relay hangs up. */
void lsb_lxc_process_stop(int pidfd);

/*
 * Have the keeper remove its control groups when we are gone. For one that is to be frozen:
 * libvirtd, which ends it when its connection to us breaks, thaws and kills it, but then does not
 * wait for the processes before it removes their groups.
 */
void lsb_lxc_process_watch_groups(int pid, LsbKeeper *keeper);

/* Wait until its children have ended, bounded, then kill it. */
void lsb_lxc_process_end(int pidfd, int pid);

#endif
