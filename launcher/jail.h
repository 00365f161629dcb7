/*
 * The jail file: what the host side allows one QEMU process. Its records are "key=value", each
 * ended by a NUL byte, so that a path may hold any byte that the kernel allows in one. A * marks
 * keys that may be given more than once.
 *
 *     keeper=PATH     required: unix SOCK_SEQPACKET socket of the keeper (keeper.c)
 *     uid=N, gid=N    both or none: identity to take when started as root
 *     group=N       * supplementary group of that identity
 *     read=PATH     * tree or file that QEMU may read
 *     hide=PATH     * tree inside a read= or write= tree that QEMU may not read. A path that is
 *                     itself named in read= or write= is granted even if hide= names it, too, or a
 *                     tree around it: the more precise wish wins. See rules.h for the limits
 *     write=PATH    * tree or file that QEMU may read, change, create in and remove from
 *     libvirt=PATH    directory below which libvirt keeps the domain's master key (masterkey.h)
 *     device=PATH   * device node that QEMU may open for reading and writing, with ioctl
 *     cgroup=PATH   * control group to enter, before any other step but registering
 *     network=1       leave TCP (and, where the kernel can tell, UDP) alone; default: deny both
 *     landlock=auto   go on where the kernel has no landlock; default: landlock=required
 *     new-memory=N    MiB of memory to pass on as a new memfd (memory.h)
 *     memory=PATH     file to pass on as memory, for reading only; not with new-memory=
 *     preload=PATH    shared library that QEMU is to load (memory.h)
 *
 * An unknown key, a key without a * that is given twice, and a path that is not absolute or has "."
 * or ".." in it are errors, because a typing mistake must not open the jail.
 */
#ifndef LSANDBOX_LAUNCHER_JAIL_H
#define LSANDBOX_LAUNCHER_JAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A growing list of strings; the strings point into the text of the jail file. */
struct jail_paths {
    const char **items;
    size_t n;
};

struct jail_ids {
    unsigned *items;
    size_t n;
};

struct jail {
    struct jail_paths keeper;                   /* exactly one */
    struct jail_paths libvirt, memory, preload; /* one or none each */
    struct jail_paths read, hide, write, device, cgroup;
    struct jail_ids uid, gid, new_memory;       /* one or none each */
    struct jail_ids group;
    bool network;
    bool landlock_auto;
};

/* Read the jail file at PATH into JAIL, whose memory lives until exec. Any error is fatal. */
void jail_read(struct jail *jail, const char *path);

/* Let QEMU read PATH, too, a string that must live as long as JAIL. */
void jail_add_read(struct jail *jail, const char *path);

#endif
