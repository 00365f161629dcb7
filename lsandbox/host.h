/*
 * What this process has on the host while sandboxes live: its private run directory, its keeper, its
 * cache. Made on first use, shared by all connections of the process, gone with the last reference.
 * A forked child starts anew. Thread-safe.
 */
#ifndef LSANDBOX_HOST_H
#define LSANDBOX_HOST_H

#include <glib.h>

#include "keeper.h"

typedef struct {
    char *run_dir;   /* removed at the end, by the keeper if not by us */
    char *cache_dir; /* exists */
    LsbKeeper *keeper;
    /* private */
    int refs;
    int pid;
    int next_dir;
} LsbHostState;

LsbHostState *lsb_host_get(GError **error);
void lsb_host_release(LsbHostState *host); /* NULL is fine */

/* Make a numbered directory below the run directory. The caller removes it; the keeper if it cannot. */
char *lsb_host_make_dir(LsbHostState *host, GError **error);

#endif
