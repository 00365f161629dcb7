/*
 * The number of the descriptor in which the launcher passes the machine's memory to QEMU, and the
 * path by which QEMU opens it (launcher/memory.h).
 */
#ifndef LSANDBOX_MEMORYFD_H
#define LSANDBOX_MEMORYFD_H

/* Above what libvirt passes, below the usual limit of 1024. */
#define MEMORY_FD   250
#define MEMORY_PATH "/proc/self/fd/250"

#endif
