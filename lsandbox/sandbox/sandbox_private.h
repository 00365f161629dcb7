/*
 * What the files of a sandbox share: sandbox.c has the object and its programs; boot.c starts it,
 * frames.c hears from its guest, ending.c ends it.
 */
#ifndef LSANDBOX_SANDBOX_PRIVATE_H
#define LSANDBOX_SANDBOX_PRIVATE_H

#include "sandbox/sandbox.h"
#include "domain/domain.h"

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
    gboolean renewable; /* the guest's random numbers, by a new seed */
    gboolean greeted, ended_by_guest, paused, attached;
    gboolean held;  /* nobody has it yet */
    gboolean fresh; /* its clock and random numbers, since lsb_sandbox_freshen() */
    GList link;     /* among the attached ones that are told of libvirt's events; data: itself */
    LsbRelay *relay;
    GHashTable *programs; /* id -> LsbProgram */
    guint32 last_program;
    guint times_left; /* how often its guest may ask for the time */
    guint boot_timer, life_timer, idle_timer, fresh_timer;
    GError *reason;
    guint taint;      /* bits of LsbTaint (metadata.h) */
    guint told_taint; /* of which the listener was told */
    char *kernel;
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

/* --- ending.c --- */

/*
 * Stop listening, tell the programs, and let a thread end the domain. Any state but NEW; once.
 * REASON is copied; NULL: by stop or destroy.
 */
void lsb_sandbox_end(LsbSandbox *sb, const GError *reason);

/* The starter is done, and the sandbox was ended meanwhile. */
void lsb_sandbox_end_domain(LsbSandbox *sb);

/* --- control.c --- */

/* It hears of libvirt's events no more; harmless for one that did not. */
void lsb_sandbox_ignore_events(LsbSandbox *sb);

/* A reference to its domain, for a worker, which frees it: the sandbox may end and free its own
 * meanwhile. NULL with LSB_ERROR_STATE when it does not run. */
virDomainPtr lsb_sandbox_running_domain(LsbSandbox *sb, GError **error);

/* --- monitor.c --- */

/* Note that the user reached past us, and tell the listener. */
void lsb_sandbox_add_taint(LsbSandbox *sb, guint taint);

/* --- templating.c --- */

/*
 * The guest has said HELLO and waits: make the template that the start was chosen for, in a thread,
 * and send the plan then.
 */
void lsb_sandbox_make_template(LsbSandbox *sb);

/* --- saving.c --- */

void lsb_saving_free(LsbSaving *saving);

/* The guest is not there for anything else. */
gboolean lsb_sandbox_is_saved_now(const LsbSandbox *sb);

/* A program is forgotten, with its streams. */
void lsb_saving_program_gone(LsbSandbox *sb);

/* What the guest says; FALSE: out of turn. ERRNUM is an errno. */
gboolean lsb_saving_detached(LsbSandbox *sb, guint errnum, const char *what);
gboolean lsb_saving_ready(LsbSandbox *sb);
gboolean lsb_saving_failed(LsbSandbox *sb, const char *what);

/* REASON may be NULL. */
void lsb_saving_sandbox_ended(LsbSandbox *sb, const GError *reason);

/* --- boot.c --- */

/* Milliseconds that its guest init has for a plan. */
guint lsb_sandbox_boot_timeout(const LsbSandbox *sb);

/* Whether its start from a template is still under way. */
gboolean lsb_sandbox_may_start_again(const LsbSandbox *sb);

/* What came up from a template does not do as it should, for REASON: start it again, cold. */
void lsb_sandbox_start_again(LsbSandbox *sb, const char *reason);

/* --- frames.c --- */

/* Answer the guest's HELLO, or speak first to one that said it before it became a template; and the
 * plan. */
void lsb_sandbox_send_plan(LsbSandbox *sb);

extern const LsbRelayEvents lsb_sandbox_relay_events;

/* End a sandbox that does not come up: WHAT, and the console's last lines. */
void lsb_sandbox_boot_failed(LsbSandbox *sb, const char *what);

/* The field of PLAN and FRESHEN (wire.h) that makes a machine fresh, which may ask for the time then.
 */
void lsb_sandbox_put_fresh(LsbSandbox *sb, struct wire_buf *b);

/* --- handover.c --- */

/* It is somebody's from now on: its time limits begin, and its listener hears that it runs. */
void lsb_sandbox_begin_use(LsbSandbox *sb);

/* The guest has answered FRESHEN. */
void lsb_sandbox_freshened(LsbSandbox *sb);

/* --- sandbox.c --- */

/* Tell the listener, where there is one. */
void lsb_sandbox_emit(LsbSandbox *sb, const LsbSandboxEvent *event);

#endif
