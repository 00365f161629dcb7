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

/*
 * Start a keeper, which listens in DIRECTORY and removes it in the end. Blocks, for 10 s at most.
 * The caller frees the keeper. NULL with LSB_ERRNO, LSB_ERROR_FAILED or LSB_ERROR_NOT_FOUND.
 */
LsbKeeper *lsb_keeper_new(const char *directory, GError **error);

/* The path of the socket at which launchers register. KEEPER owns the string. */
const char *lsb_keeper_socket(const LsbKeeper *keeper);

/* Have the keeper remove PATH when this process ends, however it ends. */
void lsb_keeper_watch_path(LsbKeeper *keeper, const char *path);

/* What becomes of a container, so that the keeper removes the files that libvirt leaves of it. */
typedef enum {
    LSB_CONTAINER_STARTING, /* libvirtd may go on with the start after this process has ended */
    LSB_CONTAINER_STARTED,
    LSB_CONTAINER_ENDED, /* and its files are removed, or were never this process's */
} LsbContainerNews;

/*
 * Tell the keeper NEWS of the container NAME. The keeper never removes files of a container that
 * runs (shared/lxcfiles.h), because by then the name may be another one's.
 */
void lsb_keeper_container(LsbKeeper *keeper, LsbContainerNews news, const char *name);

/*
 * PATH, of a directory or control group, has been removed: have the keeper leave alone what appears
 * there later.
 */
void lsb_keeper_forget_path(LsbKeeper *keeper, const char *path);

/* Have the keeper remove the control group PATH when this process has ended and it is empty. */
void lsb_keeper_watch_group(LsbKeeper *keeper, const char *path);

/* Have the keeper kill the process of PIDFD when this process ends; PIDFD stays the caller's. */
void lsb_keeper_watch_process(LsbKeeper *keeper, int pidfd);

/*
 * Empty the run directory, and remove it where nothing else is left to remove. Then hang up and
 * free KEEPER: the process kills and removes everything that it still watches, and ends. NULL is
 * fine.
 */
void lsb_keeper_free(LsbKeeper *keeper);

#endif
