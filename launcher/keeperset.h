/*
 * The descriptors that the keeper polls: the owner's channel, the listening socket, launchers that
 * have not registered yet, and a pidfd for the owner and for each process to be killed at the end.
 */
#ifndef LSANDBOX_LAUNCHER_KEEPERSET_H
#define LSANDBOX_LAUNCHER_KEEPERSET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* Descriptors kept free, to accept and refuse launchers and to remove directories with. */
enum { KEEPER_SPARE_FDS = 16 };

/* What a descriptor in the set is; the first three have the fixed places 0, 1 and 2. */
enum keeper_role { ROLE_CONTROL, ROLE_OWNER, ROLE_LISTENER, ROLE_LAUNCHER, ROLE_PROCESS };

/* All zero but MAX_FDS, how many descriptors the keeper may have: an empty set. */
struct keeper_set {
    unsigned long max_fds;
    struct pollfd *polls; /* POLLS[i] and ROLES[i] go together: poll(2) wants POLLS by themselves */
    enum keeper_role *roles;
    size_t n;
};

/* Poll FD for input from now on. false when memory is short; FD stays open then. */
bool keeperset_add(struct keeper_set *set, int fd, enum keeper_role role);

/* Close the descriptor at place I. The last one of the set moves there. */
void keeperset_drop(struct keeper_set *set, size_t i);

/*
 * Add the process PIDFD, to be killed at the end. false with errno where PIDFD is -1, and where
 * there is no room for it (EMFILE): then it is closed.
 */
bool keeperset_add_process(struct keeper_set *set, int pidfd);

#endif
