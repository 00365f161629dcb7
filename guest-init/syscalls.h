/*
 * System calls that the C library does not wrap (musl 1.2.3 has none of these), under names that
 * clash with no header of the kernel or of another libc. Numbers and structures: linux/mount.h,
 * linux/openat2.h; man pages openat2(2), open_tree(2), move_mount(2), mount_setattr(2),
 * pivot_root(2). All are in Linux 5.12 and later. -1 and errno, unless said otherwise.
 */
#ifndef LSANDBOX_INIT_SYSCALLS_H
#define LSANDBOX_INIT_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

/* The bits of mount_setattr. */
enum {
    ATTR_RDONLY = 0x1,
    ATTR_NOSUID = 0x2,
    ATTR_NODEV = 0x4,
    ATTR_NOEXEC = 0x8,
};

/*
 * Open PATH with ROOT as its "/": neither symlinks nor ".." lead out. FLAGS as for open(2);
 * O_CLOEXEC is added.
 */
int syscall_open_in(int root, const char *path, int flags);

/* Clone the mount at FD (RECURSE: and all below it), detached. Returns a descriptor of it. */
int syscall_clone_mount(int fd, bool recurse);

/* Attach the mount TREE on top of what FD names. */
int syscall_attach_mount(int tree, int fd);

/* Switch attributes on for the mount that FD is on (RECURSE: and all below it). */
int syscall_set_attr(int fd, uint64_t attr, bool recurse);

/* Detach what is mounted at PATH and all below it (umount2(2), MNT_DETACH), and keep errno. */
void syscall_unmount_keep(const char *path);

/* pivot_root(2). */
int syscall_pivot_root(const char *new_root, const char *put_old);

/*
 * Load the module FD. TRUSTED: spare the check of its signature, by a flag that overrides the check
 * of its version, because then the kernel skips the signature, too (module_sig_check() in
 * kernel/module/signing.c). The version is not in doubt, because the module is the kernel's own.
 * Where the kernel requires signatures or refuses the flag, the module is loaded without it.
 */
int syscall_load_module(int fd, bool trusted);

#endif
