/* The descriptors that the keeper polls, with what each of them is. */
#define _GNU_SOURCE 1
#include "keeperset.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool keeperset_add(struct keeper_set *set, int fd, enum keeper_role role)
{
    struct pollfd *polls = realloc(set->polls, (set->n + 1) * sizeof(*polls));
    enum keeper_role *roles = polls ? realloc(set->roles, (set->n + 1) * sizeof(*roles)) : NULL;

    if (polls)
        set->polls = polls;
    if (!roles)
        return false;
    set->roles = roles;
    set->polls[set->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    set->roles[set->n++] = role;
    return true;
}

void keeperset_drop(struct keeper_set *set, size_t i)
{
    close(set->polls[i].fd);
    set->n--;
    set->polls[i] = set->polls[set->n];
    set->roles[i] = set->roles[set->n];
}

bool keeperset_add_process(struct keeper_set *set, int pidfd)
{
    if (pidfd < 0)
        return false;
    if ((unsigned long)pidfd + KEEPER_SPARE_FDS < set->max_fds &&
        keeperset_add(set, pidfd, ROLE_PROCESS))
        return true;
    close(pidfd);
    errno = EMFILE;
    return false;
}
