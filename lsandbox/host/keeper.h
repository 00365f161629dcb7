/*
 * The keeper: a small process that outlives its owner for a moment, so that nothing else does. It
 * watches this process; when it dies, by SIGKILL too, the keeper kills every QEMU that has
 * registered with it and removes the directories it was told of (launcher/keeper.c). One per
 * process.
 */
#ifndef LSANDBOX_HOST_KEEPER_H
#define LSANDBOX_HOST_KEEPER_H

#include <glib.h>

typedef struct _LsbKeeper LsbKeeper;

/* Start a keeper that listens in DIRECTORY, and remembers it for removal. Blocking, bounded. */
LsbKeeper *lsb_keeper_new(const char *directory, GError **error);

/* The socket that launchers register at; owned by the keeper. */
const char *lsb_keeper_socket(const LsbKeeper *keeper);

/* Remove PATH when this process ends, however it ends. */
void lsb_keeper_watch_path(LsbKeeper *keeper, const char *path);
/* The same while another process may be about to make it, also after our end, for a while. */
void lsb_keeper_watch_late(LsbKeeper *keeper, const char *path);

/* PATH is gone, and what is there later is none of ours. */
void lsb_keeper_forget_path(LsbKeeper *keeper, const char *path);

/* Remove the control group PATH when this process has ended, as soon as nothing is in it. */
void lsb_keeper_watch_group(LsbKeeper *keeper, const char *path);

/* Hang up: the keeper kills and removes what is left, and ends. NULL is fine. */
void lsb_keeper_free(LsbKeeper *keeper);

#endif
