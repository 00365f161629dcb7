/*
 * What this process has on its host: a private run directory, a cache directory, a keeper. They are
 * made on first use, shared by all connections of the process, and kept until it ends, because
 * libvirt's embedded driver takes one root directory for the life of a process ("already open with
 * path"). The run directory is removed at exit, or by the keeper where the process is killed. A
 * forked child makes its own. Thread-safe.
 */
#ifndef LSANDBOX_HOST_HOST_H
#define LSANDBOX_HOST_HOST_H

#include <glib.h>

#include "host/keeper.h"

typedef struct {
    char *run_dir;   /* removed when this process ends */
    char *cache_dir; /* exists */
    LsbKeeper *keeper;
    /* host.c's own */
    int pid;
    int next_dir;
} LsbHostState;

/*
 * The state of this process, made by the first call. Borrowed, valid until the process ends. NULL
 * with LSB_ERRNO, or an error of lsb_keeper_new().
 */
LsbHostState *lsb_host_get(GError **error);

/*
 * Make a numbered directory below the run directory. Returns its path, which the caller frees. The
 * caller removes the directory, or the keeper if this process is killed. NULL with LSB_ERRNO.
 */
char *lsb_host_make_dir(LsbHostState *host, GError **error);

#endif
