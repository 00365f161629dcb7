/*
 * The jail file: what the host side allows one QEMU process. Records "key=value", each ended by a
 * NUL byte, so that a path may hold any byte a path can.
 *
 *     keeper=PATH     required. Unix SOCK_SEQPACKET socket of the keeper
 *     uid=N gid=N     both or none. Identity to take when started as root
 *     group=N         repeatable. Supplementary groups of that identity
 *     read=PATH       repeatable. Tree or file that QEMU may read
 *     hide=PATH       repeatable. Tree inside a read= or write= tree that QEMU may not read. A path
 * that is named by itself in read= or write= is granted even if hide= names it, or a tree around
 * it, too: the more precise wish wins. See rules.h for its limits write=PATH      repeatable. Tree
 * or file that QEMU may read, change, create in and remove from libvirt=PATH    directory below
 * which libvirt keeps the domain's master key (masterkey.h) device=PATH     repeatable. Device node
 * that QEMU may open for reading and writing, with ioctl cgroup=PATH
 * repeatable. Control group to enter, before anything else. network=1       leave TCP (and, where
 * the kernel can tell, UDP) alone; otherwise both are denied landlock=auto   go on where the kernel
 * has no landlock. Default: landlock=required
 *     new-memory=N    MiB of memory to pass on as a new memfd (memory.h)
 *     memory=PATH     file to pass on as memory, for reading only; not with new-memory=
 *     preload=PATH    shared library that QEMU is to load (memory.h)
 *
 * An unknown key, a key given twice that is not repeatable, and a path that is not absolute or has
 * "." or ".." in it are errors: a typing mistake must not open the jail.
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
    struct jail_paths keeper; /* exactly one */
    struct jail_paths read, hide, write, device, cgroup;
    struct jail_paths libvirt, memory, preload; /* one or none each */
    struct jail_ids uid, gid, new_memory;       /* one or none each */
    struct jail_ids group;
    bool network;
    bool landlock_auto;
};

/*
 * Read the jail file at PATH into JAIL; any error is fatal. What it allocates lives until exec.
 */
void jail_read(struct jail *jail, const char *path);

/* One more path that may be read; it must live as long as JAIL. */
void jail_add_read(struct jail *jail, const char *path);

#endif
