/*
 * lsandbox-launcher: libvirt runs it as a domain's <emulator> in place of QEMU. It puts itself into
 * the jail and then becomes QEMU, with the same arguments, descriptors and process id.
 *
 * argv[0] is the absolute path that libvirt was given, DIR/qemu-system-ARCH, a copy of this program
 * or a symlink to it. DIR/qemu is a symlink whose text is the absolute path of the real QEMU.
 *
 * Without LSANDBOX_JAIL in the environment libvirt is asking QEMU for its capabilities, and the
 * launcher sets only no_new_privs. Otherwise that variable names the jail file (jail.h), which says
 * what this QEMU may do, and the launcher takes these steps:
 *
 *     1.  read the jail file            the file is the host side's, and later the launcher may
 *                                       no longer be allowed to read it
 *     2.  register with the keeper      from here on this process dies with its owner; without a
 *                                       keeper it does not start
 *     3.  enter the control groups      before QEMU has any memory that they must count
 *     4.  switch core dumps off         they would hold the guest's memory
 *     5.  share libvirt's master key    QEMU's new user must be able to read it
 *     6.  open the machine's memory     where the host side gives it as a file (memory.h)
 *     7.  collect the landlock rules    while still root, as a path may be reachable for root only
 *     8.  set no_new_privs
 *     9.  take the identity             groups, gid, uid, capabilities
 *     10. enforce the landlock rules    last, so that none of the steps above needs a rule
 *     11. exec QEMU
 *
 * The umask and all open descriptors are passed on, because libvirt hands QEMU its sockets and logs
 * as such. Any failure ends with status 125 and one line on stderr, which libvirt shows. libc only,
 * static.
 */
#define _GNU_SOURCE 1
#include "fatal.h"
#include "identity.h"
#include "jail.h"
#include "landlock.h"
#include "masterkey.h"
#include "memory.h"
#include "register.h"
#include "rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Write the path of the real QEMU to QEMU, a buffer of PATH_MAX bytes. */
static void find_qemu(const char *self, char *qemu)
{
    char link[PATH_MAX];
    const char *slash = self ? strrchr(self, '/') : NULL;
    ssize_t n;

    if (!slash || self[0] != '/')
        fatal(0, "started as \"%s\", but needs an absolute path", self ? self : "");
    if (snprintf(link, sizeof(link), "%.*s/qemu", (int)(slash - self), self) >= PATH_MAX)
        fatal(ENAMETOOLONG, "%s", self);
    n = readlink(link, qemu, PATH_MAX);
    if (n < 0)
        fatal(errno, "cannot read the link to QEMU, %s", link);
    if (n == PATH_MAX || qemu[0] != '/')
        fatal(0, "%s must hold the absolute path of QEMU", link);
    qemu[n] = '\0';
}

static void forgo_privileges(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        fatal(errno, "cannot set no_new_privs");
}

static void forgo_core_dumps(void)
{
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) < 0)
        fatal(errno, "cannot switch off core dumps");
}

/* "0" stands for the process that writes (cgroups(7)). */
static void enter_groups(const struct jail_paths *groups)
{
    for (size_t i = 0; i < groups->n; i++) {
        char procs[PATH_MAX];
        int fd, failed;

        snprintf(procs, sizeof(procs), "%s/cgroup.procs", groups->items[i]);
        fd = open(procs, O_WRONLY | O_CLOEXEC);
        failed = fd < 0 || write(fd, "0", 1) != 1;
        if (failed)
            fatal(errno, "cannot enter the control group %s", groups->items[i]);
        close(fd);
    }
}

/* Returns whether there are rules to enforce. */
static bool collect_rules(struct ll_ruleset *rules, const struct jail *jail, const char *qemu)
{
    int abi = ll_abi();

    if (!abi) {
        if (!jail->landlock_auto)
            fatal(0, "this kernel has no landlock, or it is switched off (see lsm= in "
                     "kernel-parameters)");
        warn("no landlock in this kernel: QEMU is not kept from other files");
        return false;
    }
    if (ll_open(rules, abi, jail->network) < 0)
        fatal(errno, "cannot make landlock rules (ABI %d)", abi);
    rules_fill(rules, jail, qemu);
    return true;
}

static void enter_jail(const char *jail_path, const char *qemu, char **argv)
{
    struct jail jail;
    struct ll_ruleset rules;
    bool landlocked;

    jail_read(&jail, jail_path);
    unsetenv("LSANDBOX_JAIL");
    register_with_keeper(jail.keeper.items[0]);
    enter_groups(&jail.cgroup);
    forgo_core_dumps();
    masterkey_share(&jail, argv);
    memory_open(&jail);
    memory_preload(&jail);
    landlocked = collect_rules(&rules, &jail, qemu);
    forgo_privileges();
    identity_take(&jail);
    if (landlocked && ll_enforce(&rules) < 0)
        fatal(errno, "cannot enforce landlock rules");
}

int main(int argc, char **argv)
{
    char qemu[PATH_MAX];
    const char *jail_path = getenv("LSANDBOX_JAIL");

    find_qemu(argc > 0 ? argv[0] : NULL, qemu);
    if (jail_path)
        enter_jail(jail_path, qemu, argv);
    else
        forgo_privileges();
    argv[0] = qemu;
    execv(qemu, argv);
    fatal(errno, "cannot execute %s", qemu);
}
