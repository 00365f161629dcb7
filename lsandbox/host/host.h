/*
 * What this process has on the host: its private run directory, its keeper, its cache. Made on
 * first use, shared by all connections of the process, and kept until it ends, because the embedded
 * driver takes one root directory for the life of a process ("already open with path"). Then the
 * run directory is removed, by us at a normal exit, by the keeper at any other. A forked child
 * starts anew. Thread-safe.
 */
#ifndef LSANDBOX_HOST_HOST_H
#define LSANDBOX_HOST_HOST_H

#include <glib.h>

#include "host/keeper.h"

typedef struct {
    char *run_dir;   /* removed at the end, by the keeper if not by us */
    char *cache_dir; /* exists */
    LsbKeeper *keeper;
    /* private */
    int pid;
    int next_dir;
} LsbHostState;

/* Borrowed, valid until the process ends. */
LsbHostState *lsb_host_get(GError **error);

/* Make a numbered directory below the run directory. The caller removes it; the keeper if it
 * cannot. */
char *lsb_host_make_dir(LsbHostState *host, GError **error);

#endif
