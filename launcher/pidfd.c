/* Processes by descriptor: what the C library has no functions for. */
#define _GNU_SOURCE 1
#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same numbers on all architectures but alpha. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Linux 6.5: a pidfd of the peer, free of the race between asking for its pid and opening that. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int pidfd_of_pid(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int pidfd_of_peer(int sock)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    int pidfd = -1;
    socklen_t pidfd_len = sizeof(pidfd);

    if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &pidfd_len) == 0)
        return pidfd;
    if (errno != ENOPROTOOPT || getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return -1;
    return pidfd_of_pid(peer.pid);
}

void pidfd_kill(int pidfd)
{
    (void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}
