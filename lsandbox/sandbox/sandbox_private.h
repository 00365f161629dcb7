/*
 * What the files of a sandbox share: sandbox.c has the object and its programs; start.c starts it,
 * guest.c reacts to what its guest says, ending.c ends it.
 */
#ifndef LSANDBOX_SANDBOX_SANDBOX_PRIVATE_H
#define LSANDBOX_SANDBOX_SANDBOX_PRIVATE_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"
#include "sandbox/sandbox.h"
#include "session/session.h"

typedef struct _LsbSaving LsbSaving;

struct _LsbSandbox {
    int refs;
    LsbDescription *d;
    LsbState state;
    LsbDomain domain;
    GThread *starter; /* joined on the main context, which then knows the outcome */
    GError *start_error;
    gint end_wanted; /* atomic: ended while the starter is at work */
    GThread *ender;
    gboolean ended;     /* STOPPED, and nothing of it is left */
    gboolean paused, attached;
    gboolean held;  /* nobody has it yet */
    gboolean fresh; /* its clock and random numbers, since lsb_sandbox_freshen() */
    GList link;     /* among the attached ones that are told of libvirt's events; data: itself */
    LsbSession *session;
    guint boot_timer, life_timer, idle_timer, fresh_timer;
    GError *reason;
    guint taint;      /* bits of LsbTaint (metadata.h) */
    guint told_taint; /* of which the listener was told */
    char *again;       /* why the start from a template was given up */
    char *last_log;    /* the console's end; its file is gone with the domain */
    LsbSaving *saving; /* under way, or over and not asked for; or NULL */
    LsbSandboxListener listener;
    gpointer listener_data;
    LsbLender lender; /* told of the end, too; or NULL */
    gpointer lender_data;
};

/* --- sandbox.c --- */

/* LSB_ERROR_STATE where it does not run, or somebody uses it: a program is open, it is paused, it is
 * being saved. */
gboolean lsb_sandbox_check_idle(const LsbSandbox *sb, GError **error);

/* Whether programs may be spawned now: LSB_ERROR_STATE, or why the sandbox ended. */
gboolean lsb_sandbox_check_running(const LsbSandbox *sb, GError **error);

/* --- monitor.c --- */

/* Note that the user reached past us, and tell the listener. */
void lsb_sandbox_add_taint(LsbSandbox *sb, guint taint);

/* --- sandbox.c --- */

/* Tell the listener, where there is one. */
void lsb_sandbox_emit(LsbSandbox *sb, const LsbSandboxEvent *event);

#endif
