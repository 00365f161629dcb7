/*
 * The kernel's landlock system calls. The numbers stand here because neither the C library nor the
 * kernel's headers need to know them: those of Debian 12 end at ABI 2, and the launcher should use
 * what the running kernel has. Sources: landlock(7), Documentation/userspace-api/landlock.rst,
 * include/uapi/linux/landlock.h.
 *
 * Landlock restricts none of these, whatever the rules: stat, readlink, chdir, chmod, chown, utime
 * and extended attributes of any file that ordinary permissions allow; connecting to a unix socket
 * in the file system before ABI 9; UDP before ABI 10. Files that are open already stay usable.
 */
#ifndef LSANDBOX_LAUNCHER_LANDLOCK_H
#define LSANDBOX_LAUNCHER_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Rights on files and directories, LANDLOCK_ACCESS_FS_... in the kernel's header. */
enum ll_right {
    LL_EXECUTE = 1 << 0,
    LL_WRITE_FILE = 1 << 1,
    LL_READ_FILE = 1 << 2,
    LL_READ_DIR = 1 << 3,
    LL_REMOVE_DIR = 1 << 4,
    LL_REMOVE_FILE = 1 << 5,
    LL_MAKE_CHAR = 1 << 6,
    LL_MAKE_DIR = 1 << 7,
    LL_MAKE_REG = 1 << 8,
    LL_MAKE_SOCK = 1 << 9,
    LL_MAKE_FIFO = 1 << 10,
    LL_MAKE_BLOCK = 1 << 11,
    LL_MAKE_SYM = 1 << 12,
    LL_REFER = 1 << 13,        /* ABI 2: rename and link between directories */
    LL_TRUNCATE = 1 << 14,     /* ABI 3 */
    LL_IOCTL_DEV = 1 << 15,    /* ABI 5: ioctl on device nodes */
    LL_RESOLVE_UNIX = 1 << 16, /* ABI 9: connect to a unix socket of a process outside */
};

struct ll_ruleset {
    int fd;
    uint64_t handled; /* the file rights that this kernel knows: a rule may name no others */
};

/* The newest ABI of the running kernel; 0 when it has no landlock or it is switched off. */
int ll_abi(void);

/*
 * Make an empty ruleset, which denies everything that ABI knows; the network only where NETWORK is
 * false. Returns 0, or -1 with errno.
 */
int ll_open(struct ll_ruleset *rules, int abi, bool network);

/*
 * Allow RIGHTS (enum ll_right) beneath the directory, or on the file, that PATH_FD is open on;
 * O_PATH is enough. Rights that the kernel does not know, or that make no sense on a file, are left
 * out. Returns 0, or -1 with errno.
 */
int ll_allow(const struct ll_ruleset *rules, int path_fd, uint64_t rights);

/*
 * Restrict this process to what RULES allow, from now on and after exec, and close the ruleset.
 * Needs no_new_privs. Returns 0, or -1 with errno.
 */
int ll_enforce(struct ll_ruleset *rules);

#endif
