/*
 * What libvirt does beside starting and ending: freezing a sandbox, asking what it uses, listing
 * and finding sandboxes, keeping a connection open. Each is a job for a worker thread; the caller
 * unrefs it.
 */
#ifndef LSANDBOX_CONTROL_H
#define LSANDBOX_CONTROL_H

#include "base/job.h"
#include "recipe/limitfields.h"
#include "sandbox/sandbox.h"
#include "domain/stats.h"

/* Freeze it, or let it go on. NULL with LSB_ERROR_STATE when it does not run, or is there already.
 */
LsbJob *lsb_sandbox_pause(LsbSandbox *sb, gboolean pause, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_pause_result(LsbSandbox *sb, gboolean pause, LsbJob *job, GError **error);

/* What it uses. The job's result is an LsbStats, to be freed with g_free(). */
LsbJob *lsb_sandbox_stats(LsbSandbox *sb, GError **error);

/*
 * Give it other limits while it runs; what CHANGES owns is taken over. LSB_ERROR_UNSUPPORTED for
 * what its kind or this host cannot do.
 */
LsbJob *lsb_sandbox_tune(LsbSandbox *sb, LsbChanges *changes, GError **error);
/* Once the job is done. */
gboolean lsb_sandbox_tune_result(LsbJob *job, GError **error);

/*
 * Give COMMAND to QEMU's monitor: QMP, or HMP. From then on the sandbox is tainted. The job's
 * result is the reply, a string for g_free(). LSB_ERROR_UNSUPPORTED for a container;
 * LSB_ERROR_LIBVIRT; LSB_ERROR_OUTPUT_LIMIT.
 */
LsbJob *lsb_sandbox_monitor(LsbSandbox *sb, const char *command, gboolean hmp, GError **error);

/*
 * Find a sandbox that another process may have started by D's name on D's connection; D is taken
 * over. LSB_ERROR_NOT_FOUND.
 */
LsbJob *lsb_sandbox_attach(LsbDescription *d);
/* Once the job is done: the sandbox, the caller's; only its life can be controlled. NULL with the
 * error. */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error);

/* Let go of an attached sandbox, which lives on. */
void lsb_sandbox_detach(LsbSandbox *sb);

typedef struct {
    char *name, *uuid;
    gboolean paused;
    GPtrArray *labels; /* LsbLabel */
    guint taint;       /* bits of LsbTaint (metadata.h) */
} LsbListed;

/* The sandboxes of ours on URI. The job's result is a GPtrArray of LsbListed, with its free
 * function. */
LsbJob *lsb_list(const char *uri);

/* A connection that is kept open; connection.h has what it is made of. */
typedef struct _LsbConnection LsbConnection;
/* The URI it was opened with; borrowed. */
const char *lsb_connection_uri(const LsbConnection *connection);
void lsb_connection_release(LsbConnection *connection); /* NULL is fine; the last one closes */

/* Open URI and keep it open. The job's result is an LsbConnection, the caller's to release. */
LsbJob *lsb_connect(const char *uri);

#endif
