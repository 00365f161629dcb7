/* Listing the sandboxes that run on a connection. */
#ifndef LSANDBOX_SANDBOX_LIST_H
#define LSANDBOX_SANDBOX_LIST_H

#include <glib.h>

#include "base/job.h"

typedef struct {
    char *name, *uuid;
    gboolean paused;
    GPtrArray *labels; /* LsbLabel */
    guint taint;       /* bits of LsbTaint (metadata.h) */
} LsbListed;

/*
 * The sandboxes that run on URI. The job's result is a GPtrArray of LsbListed, with its free
 * function. The caller unrefs the job.
 */
LsbJob *lsb_list(const char *uri);

#endif
