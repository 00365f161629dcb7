/* Finding and killing the QEMUs of a run directory that have not registered with a keeper. */
#ifndef LSANDBOX_LAUNCHER_KEEPERKILL_H
#define LSANDBOX_LAUNCHER_KEEPERKILL_H

#include "keeperset.h"

/*
 * Send SIGKILL to every process called "qemu-..." that has a path below the run directory RUN
 * in its command line, and add it to SET. libvirt names its files below RUN to each QEMU. One
 * that libvirt asks what it can do makes itself a daemon (-daemonize), after which the launcher
 * cannot register it.
 */
void keeperkill_qemus(const char *run, struct keeper_set *set);

/* Wait until the processes of SET are gone, for KEEPER_KILL_MS at most, and drop them from it. */
void keeperkill_await(struct keeper_set *set);

/* A killed process that takes longer hangs in the kernel: no use in waiting. */
enum { KEEPER_KILL_MS = 5000 };

/* CLOCK_MONOTONIC in milliseconds. */
long keeperkill_now_ms(void);

#endif
