/* Sets the identity of a program in the child: limits, ids, capabilities, locked mounts. */
#define _GNU_SOURCE
#include "identity.h"

#include "idmap.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- limits --- */

static rlim_t limit_value(uint64_t v)
{
    return v == UINT64_MAX ? RLIM_INFINITY : (rlim_t)v;
}

static const char *limit_name(uint32_t resource)
{
    static const char *const names[RLIM_NLIMITS] = {
#define NAME(suffix, name) [RLIMIT_##suffix] = name,
        WIRE_LIMITS(NAME)
#undef NAME
    };
    return resource < RLIM_NLIMITS && names[resource] ? names[resource] : "of an unknown number";
}

int identity_limits(const struct request *q)
{
    for (uint32_t i = 0; i < q->limit_count; i++) {
        const struct request_limit *l = &q->limits[i];
        struct rlimit r = {limit_value(l->soft), limit_value(l->hard)};
        if (setrlimit((int)l->resource, &r) < 0)
            return failed("set the resource limit %s", limit_name(l->resource));
    }
    return 0;
}

/* --- capabilities --- */

/*
 * Cut the bounding set down to KEEP: no exec can give back what is not in it. The kernel says
 * EINVAL for a number after its last capability, which PR_CAPBSET_READ tells from a refusal.
 */
static int bound_capabilities(uint64_t keep)
{
    for (unsigned long cap = 0; cap < 64; cap++)
        if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0 ? 0 : -1;
    return 0;
}

static uint64_t permitted_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    syscall(SYS_capget, &header, data);
    return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

/* Have MASK in all sets but the ambient one, and EXTRA until the next exec. */
static int set_capabilities(uint64_t mask, uint64_t extra)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
        uint32_t kept = (uint32_t)(mask >> (32 * i)), now = kept | (uint32_t)(extra >> (32 * i));
        data[i] = (struct __user_cap_data_struct){now, now, kept};
    }
    return (int)syscall(SYS_capset, &header, data);
}

/* A program with any uid and without file capabilities begins with the ambient capabilities. */
static int raise_ambient(uint64_t mask)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long cap = 0; cap < 64; cap++)
        if ((mask >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
            return -1;
    return 0;
}

/* --- ids --- */

/*
 * The id -1 is refused, because setresuid(2) takes it for "no change", and the program would be
 * root.
 */
static int take_ids(const struct request *q)
{
    if (q->uid == (uid_t)-1 || q->gid == (gid_t)-1)
        return failed_with(EINVAL, "become user %u, group %u", (unsigned)q->uid, (unsigned)q->gid);
    if (setgroups(q->group_count, q->groups) < 0)
        return failed("set the groups");
    if (setresgid(q->gid, q->gid, q->gid) < 0)
        return failed("become group %u", (unsigned)q->gid);
    if (setresuid(q->uid, q->uid, q->uid) < 0)
        return failed("become user %u", (unsigned)q->uid);
    return 0;
}

/*
 * Without no_new_privs a process may install a filter only with CAP_SYS_ADMIN (seccomp(2)). By then
 * this capability is out of the bounding set, and neither inheritable nor ambient, so the exec that
 * follows drops it.
 */
static uint64_t until_exec(const struct request *q)
{
    return q->flags & WIRE_SPAWN_NEW_PRIVS && q->filter_length ? UINT64_C(1) << CAP_SYS_ADMIN : 0;
}

/* Keep only capabilities that the init has: a container may lack some of those that "all" names. */
int identity_take_on(const struct request *q)
{
    uint64_t keep = q->capabilities & permitted_capabilities();
    if (bound_capabilities(keep) < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return failed("drop capabilities");
    if (take_ids(q) < 0)
        return -1;
    if (set_capabilities(keep, until_exec(q)) < 0 || raise_ambient(keep) < 0)
        return failed("set the capabilities");
    if (!(q->flags & WIRE_SPAWN_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return failed("set no_new_privs");
    umask(q->umask);
    return 0;
}

/* --- a namespace in which the mounts are locked --- */

/*
 * Turn a map of this process into one from each id to itself: "0 1878 65536" becomes "0 0 65536".
 */
static int identity_map(const char *from, char *map, size_t size)
{
    unsigned inside, outside, count;
    size_t len = 0;
    FILE *f = fopen(from, "re");
    if (!f)
        return -1;
    while (len < size && fscanf(f, "%u %u %u", &inside, &outside, &count) == 3)
        len += (size_t)snprintf(map + len, size - len, "%u %u %u\n", inside, inside, count);
    fclose(f);
    return len > 0 && len < size ? (int)len : -1;
}

static int write_id_map(pid_t pid, const char *name)
{
    char map[4096], path[64];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    int len = identity_map(path, map, sizeof map);
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = len < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = write(fd, map, len < 0 ? 0 : (size_t)len);
    close(fd);
    return len > 0 && written == len ? 0 : -1;
}

/* Runs in a helper outside the namespace, because only from there may a map have many ids. */
static _Noreturn void map_parent(int go)
{
    char byte;
    pid_t parent = getppid();
    if (read(go, &byte, 1) != 1)
        _exit(1);
    _exit(write_id_map(parent, "uid_map") < 0 || write_id_map(parent, "gid_map") < 0);
}

static int wait_for(pid_t helper)
{
    int status;
    while (waitpid(helper, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    errno = EPERM;
    return status == 0 ? 0 : -1;
}

/*
 * Where the container's ids are the host's, every capability counts on the host, too, such as the
 * one for open_by_handle_at(2).
 *
 * With CAP_SYS_ADMIN a program could change mounts itself, with CAP_SYS_PTRACE it could make the
 * init do that. A program with other capabilities stays in the container's own user namespace, if
 * it has one, because in a namespace below them they would not count for the container's network.
 */
bool identity_can_unlock(const struct request *q)
{
    if (q->capabilities && !idmap_exists()) /* then they count on the host, too */
        return true;
    return q->capabilities & (UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_PTRACE);
}

int identity_lock_mounts(void)
{
    int go[2];
    if (pipe2(go, O_CLOEXEC) < 0)
        return failed("lock the mounts");
    pid_t helper = fork();
    if (helper == 0) {
        close(go[1]);
        map_parent(go[0]);
    }
    close(go[0]);
    bool unshared = helper > 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (!unshared)
        failed("make a user namespace in which the mounts are locked");
    bool told = unshared && write(go[1], "", 1) == 1;
    close(go[1]); /* a helper that has read no byte gives up now */
    if (helper > 0 && wait_for(helper) < 0 && told)
        return failed("map the ids of the user namespace");
    return told ? 0 : -1;
}
