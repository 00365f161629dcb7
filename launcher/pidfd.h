/*
 * Processes by descriptor (pidfd_open(2)): a pidfd goes on naming its process, so a process id that
 * the kernel has given to another process does no harm. Linux 5.3.
 */
#ifndef LSANDBOX_LAUNCHER_PIDFD_H
#define LSANDBOX_LAUNCHER_PIDFD_H

#include <sys/types.h>

/* A descriptor of the process PID; -1 and errno. */
int pidfd_of_pid(pid_t pid);

/*
 * A descriptor of the process at the other end of the unix socket SOCK; -1 and errno. For a
 * socketpair that is the process that made the pair: socket(7), SO_PEERCRED. On kernels before 6.5
 * the caller must make sure that the process still lives.
 */
int pidfd_of_peer(int sock);

/* Send SIGKILL. A process that has ended already is no error. */
void pidfd_kill(int pidfd);

#endif
