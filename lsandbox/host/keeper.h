/*
 * The keeper: a process that kills the machines when their owner dies. It watches this process,
 * which owns them. When this process ends in any way, SIGKILL included, the keeper kills every QEMU
 * that has registered with it, and removes the directories and control groups that it was told of.
 * The program is launcher/keeper.c; launcher/launcher.c registers each QEMU. One keeper per
 * process.
 */
#ifndef LSANDBOX_HOST_KEEPER_H
#define LSANDBOX_HOST_KEEPER_H

#include <glib.h>

typedef struct _LsbKeeper LsbKeeper;

/*
 * Start a keeper, which listens in DIRECTORY and removes it in the end. Blocks, for 10 s at most.
 * The caller frees the keeper. NULL with LSB_ERRNO, LSB_ERROR_FAILED or LSB_ERROR_NOT_FOUND.
 */
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

/* Take back lsb_keeper_watch_path() or lsb_keeper_watch_late() of PATH, which is removed. */
void lsb_keeper_forget_path(LsbKeeper *keeper, const char *path);

/* Have the keeper remove the control group PATH when this process has ended and it is empty. */
void lsb_keeper_watch_group(LsbKeeper *keeper, const char *path);

/*
 * Hang up and free KEEPER: the process kills and removes everything that it still watches, and
 * ends. NULL is fine.
 */
void lsb_keeper_free(LsbKeeper *keeper);

#endif
