/* System calls that the C library does not wrap. */
#define _GNU_SOURCE
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    TREE_CLONE = 1,          /* OPEN_TREE_CLONE */
    TREE_RECURSIVE = 0x8000, /* AT_RECURSIVE */
    MOVE_FROM_FD = 0x4,      /* MOVE_MOUNT_F_EMPTY_PATH */
    MOVE_TO_FD = 0x40,       /* MOVE_MOUNT_T_EMPTY_PATH */
    IGNORE_VERMAGIC = 2,     /* MODULE_INIT_IGNORE_VERMAGIC */
};

/* struct mount_attr of linux/mount.h, which cannot be included beside every libc's sys/mount.h. */
struct attr_change {
    uint64_t set, clear, propagation, userns;
};

int syscall_open_in(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int syscall_clone_mount(int fd, bool recurse)
{
    unsigned flags = TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | (recurse ? TREE_RECURSIVE : 0);
    return (int)syscall(SYS_open_tree, fd, "", flags);
}

int syscall_attach_mount(int tree, int fd)
{
    return (int)syscall(SYS_move_mount, tree, "", fd, "", MOVE_FROM_FD | MOVE_TO_FD);
}

int syscall_set_attr(int fd, uint64_t attr, bool recurse)
{
    struct attr_change change = {.set = attr};
    unsigned flags = AT_EMPTY_PATH | (recurse ? TREE_RECURSIVE : 0);
    return (int)syscall(SYS_mount_setattr, fd, "", flags, &change, sizeof change);
}

int syscall_pivot_root(const char *new_root, const char *put_old)
{
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

void syscall_unmount_keep(const char *path)
{
    int errnum = errno;
    umount2(path, MNT_DETACH);
    errno = errnum;
}

int syscall_load_module(int fd, bool trusted)
{
    if (trusted && syscall(SYS_finit_module, fd, "", IGNORE_VERMAGIC) == 0)
        return 0;
    return (int)syscall(SYS_finit_module, fd, "", 0);
}
