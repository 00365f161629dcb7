/*
 * libvirt_lxc, the controller process of a container, and how to end a container without waiting
 * for libvirt's polls. When a controller sees its container's init end, libvirtd kills what is left
 * in the control group and looks again 200 ms later (virCgroupKillPainfully). If nothing is left at
 * that moment, libvirtd does not wait. So stop the controller, take it out of the control group,
 * let the init end, and then kill the controller. libvirtd sees it gone, with an empty group, and
 * cleans up as after any other death of a controller.
 */
#ifndef LSANDBOX_HOST_LXCPROCESS_H
#define LSANDBOX_HOST_LXCPROCESS_H

#include "host/keeper.h"

/*
 * Open a pidfd of the controller PID; -1 where PID is no libvirt_lxc that this process may signal.
 */
int lsb_lxc_process_open(int pid);

/* Stop the controller (SIGSTOP). Call it before the relay hangs up, at which the init ends. */
void lsb_lxc_process_stop(int pidfd);

/*
 * Have the keeper remove the controller's control groups when this process has ended, because
 * libvirtd does not always: it tries to before the processes have left them where the container was
 * frozen, and gives up on many processes, which take seconds to end. The groups; caller frees.
 */
char **lsb_lxc_process_watch_groups(int pid, LsbKeeper *keeper);

/* Wait until the controller's children have ended, for 300 ms at most, and kill it. */
void lsb_lxc_process_end(int pidfd, int pid);

#endif
