/*
 * The structure of a sandbox, for the files of this room: sandbox.c has the object, states.c the
 * changes of its state; start.c starts it, guest.c reacts to what its guest says, ending.c ends it.
 */
#ifndef LSANDBOX_SANDBOX_SANDBOX_PRIVATE_H
#define LSANDBOX_SANDBOX_SANDBOX_PRIVATE_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"
#include "sandbox/lending.h"
#include "sandbox/sandbox.h"
#include "session/session.h"

typedef struct _LsbSaving LsbSaving;

/*
 * Everything belongs to the main context, with these exceptions. While start.thread runs, `domain`
 * and start.error belong to that thread; the main context reads them after it has joined the
 * thread. While end.thread runs, `domain` belongs to that one. end.wanted is atomic, and read by
 * both threads and by workers that hold domain.freezing.
 */
struct _LsbSandbox {
    int refs;
    pid_t owner; /* the process that made it; in a forked child of that one it is inert */
    LsbDescription *d;
    LsbState state; /* changed by lsb_sandbox_set_state() only (states.h) */
    LsbDomain domain;
    LsbSession *session; /* with the guest; connected from the start of the domain to the end */

    struct {
        GThread *thread; /* NULL: no start is at work */
        GError *error;
        char *given_up; /* why the start from a template was given up; NULL: it was not */
    } start;

    struct {
        gint wanted; /* atomic */
        GThread *thread;
        GError *reason; /* NULL: the sandbox has not ended, or the user asked for the end */
        char *log;      /* the console's last lines, because its file goes with the domain */
    } end;

    struct {
        guint boot;  /* the guest init has not carried out its plan */
        guint life;  /* `timeout` */
        guint idle;  /* `idle_timeout` */
        guint fresh; /* the guest has not answered FRESHEN */
    } timers;

    struct {
        LsbUse use;
        LsbOnEnded on_ended; /* or NULL */
        gpointer data;
    } lending;

    LsbSaving *saving; /* under way, or over and its result not fetched; or NULL (saving.c) */

    struct {
        guint bits; /* of LsbTaint (metadata.h) */
        guint told; /* those of which the listener was told */
    } taint;

    struct {
        gboolean yes; /* another process may have started it; set when it is made */
        GList link;   /* among the attached ones that hear libvirt's events; data: the sandbox */
    } attached;

    struct {
        LsbSandboxListener function; /* or NULL */
        gpointer data;
    } listener;
};

/* Tell the listener, where there is one. */
void lsb_sandbox_emit(LsbSandbox *sb, const LsbSandboxEvent *event);

/* Note that the user reached QEMU directly (bits of LsbTaint), and tell the listener. */
void lsb_sandbox_add_taint(LsbSandbox *sb, guint taint);

#endif
