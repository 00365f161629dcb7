/* Gives up root: takes the jail's user, group and supplementary groups, and no capabilities. */
#define _GNU_SOURCE 1
#include "identity.h"

#include "fatal.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* With an empty bounding set no exec yields a capability, not even by uid 0 (capabilities(7)). */
static void empty_bounding_set(void)
{
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            fatal(errno, "cannot drop capability %lu", cap);
}

static void empty_own_sets(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) < 0)
        fatal(errno, "cannot drop capabilities");
}

static void become(const struct jail *jail)
{
    gid_t gid = jail->gid.items[0];
    uid_t uid = jail->uid.items[0];

    if (setgroups(jail->group.n, jail->group.items) < 0)
        fatal(errno, "cannot set the supplementary groups");
    if (setresgid(gid, gid, gid) < 0)
        fatal(errno, "cannot become gid %u", gid);
    if (setresuid(uid, uid, uid) < 0)
        fatal(errno, "cannot become uid %u", uid);
}

/* A plain user cannot change its supplementary groups either, so group= is ignored. */
static void check_own(const struct jail *jail)
{
    if (jail->uid.n && (jail->uid.items[0] != getuid() || jail->gid.items[0] != getgid()))
        fatal(0, "cannot become uid %u gid %u: not root", jail->uid.items[0], jail->gid.items[0]);
}

void identity_take(const struct jail *jail)
{
    if (geteuid() != 0) {
        check_own(jail);
        empty_own_sets();
    } else if (jail->uid.n) {
        empty_bounding_set();
        become(jail);
        empty_own_sets();
    }
}
