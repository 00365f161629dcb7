/*
 * The keeper: a process that kills the machines when their owner dies. It watches this process,
 * which owns them. When this process ends in any way, SIGKILL included, the keeper kills every QEMU
 * that has registered with it, and removes the directories and control groups that it was told of.
 * The program is launcher/keeper.c; launcher/launcher.c registers each QEMU. One keeper per
 * process. The orders are also kept in a journal, because both may be killed (host/journal.h): a
 * keeper that starts sweeps what others have left (launcher/keepersweep.h).
 */
#ifndef LSANDBOX_HOST_KEEPER_H
#define LSANDBOX_HOST_KEEPER_H

#include <glib.h>

typedef struct _LsbKeeper LsbKeeper;

/* Start a keeper that listens in DIRECTORY and is to remove it. Blocks, for 10 s at most. */
LsbKeeper *lsb_keeper_new(const char *directory, GError **error);

/* The path of the socket at which launchers register. KEEPER owns the string. */
const char *lsb_keeper_socket(const LsbKeeper *keeper);

/* Have the keeper remove PATH when this process ends, however it ends. */
void lsb_keeper_watch_path(LsbKeeper *keeper, const char *path);

/*
 * The same for a PATH that another process (libvirtd) may still make after this process has ended:
 * the keeper removes it again and again, for some seconds.
 */
void lsb_keeper_watch_late(LsbKeeper *keeper, const char *path);

/* PATH, also a control group, is removed: have the keeper leave alone what appears there later. */
void lsb_keeper_forget_path(LsbKeeper *keeper, const char *path);

/* Have the keeper remove the control group PATH when this process has ended and it is empty. */
void lsb_keeper_watch_group(LsbKeeper *keeper, const char *path);

/* Have the keeper kill the process of PIDFD when this process ends; PIDFD stays the caller's. */
void lsb_keeper_watch_process(LsbKeeper *keeper, int pidfd);

/*
 * Remove the run directory, where nothing else is left to remove, and hang up, at which the keeper
 * kills and removes what is left, and ends. NULL is fine.
 */
void lsb_keeper_free(LsbKeeper *keeper);

#endif
