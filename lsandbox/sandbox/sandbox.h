/*
 * A sandbox: its life cycle and its programs. All functions belong to the thread that turns the
 * default main context; those that wait turn it meanwhile. Reference counted.
 */
#ifndef LSANDBOX_SANDBOX_H
#define LSANDBOX_SANDBOX_H

#include <glib.h>

#include "session/spec.h"
#include "session/program.h"
#include "domain/template/savedmachine.h"
#include "base/timeline.h"

typedef struct _LsbSandbox LsbSandbox;

typedef enum { LSB_NEW, LSB_STARTING, LSB_RUNNING, LSB_STOPPED } LsbState;

/* Milliseconds each step of the start took; 0: not reached. */
typedef struct {
    double domain; /* from start to libvirt having created the domain */
    double hello;  /* to the guest init's first word */
    double ready;  /* to the plan being carried out */
} LsbTimes;

/* Takes D over. Touches nothing of the host yet. */
LsbSandbox *lsb_sandbox_new(LsbDescription *d);
/* Before the start: it goes on from ORIGIN, which was made from the same recipe. */
void lsb_sandbox_set_origin(LsbSandbox *sb, LsbSavedMachine *origin);
LsbSandbox *lsb_sandbox_ref(LsbSandbox *sb);
/* The last reference may go only when it was never started, or has ended. NULL is fine. */
void lsb_sandbox_unref(LsbSandbox *sb);

/*
 * The owner's last word, which does not wait: ends it where it runs (an attached one is only let
 * go), and drops the owner's reference. Nothing more is heard of it. NULL is fine.
 */
void lsb_sandbox_abandon(LsbSandbox *sb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSandbox, lsb_sandbox_abandon)

/* --- events ---
 * Told on the main context, while the sandbox is in the midst of what happened: a listener takes
 * note and acts later.
 */
typedef enum {
    LSB_EVENT_STARTED,
    LSB_EVENT_PROGRAM_ENDED, /* program */
    LSB_EVENT_OUTPUT_LIMIT,  /* program: a captured stream passed its limit */
    LSB_EVENT_TIMEOUT,       /* error: which limit; STOPPED follows */
    LSB_EVENT_CRASHED,       /* error: it ended by itself, and not in order; STOPPED follows */
    LSB_EVENT_TAINTED,       /* message: by what */
    LSB_EVENT_STOPPED,       /* error: why, or NULL: asked for. Nothing of it is left */
} LsbSandboxEventKind;

typedef struct {
    LsbSandboxEventKind kind;
    const LsbProgram *program; /* borrowed, or NULL */
    const GError *error;       /* borrowed, or NULL */
    const char *message;       /* borrowed, or NULL */
} LsbSandboxEvent;

typedef void (*LsbSandboxListener)(gpointer data, const LsbSandboxEvent *event);

/* One listener; NULL: none. */
void lsb_sandbox_set_listener(LsbSandbox *sb, LsbSandboxListener listener, gpointer data);

/* Whether another process may have started it, and only its life is ours to control. */
gboolean lsb_sandbox_is_attached(const LsbSandbox *sb);
const LsbDescription *lsb_sandbox_description(const LsbSandbox *sb);
LsbState lsb_sandbox_state(const LsbSandbox *sb);
const char *lsb_sandbox_state_name(const LsbSandbox *sb);
LsbTimes lsb_sandbox_times(const LsbSandbox *sb);
/* When what happened; empty before the start. Borrowed. */
LsbTimeline *lsb_sandbox_timeline(const LsbSandbox *sb);
/* The guest's kernel release; NULL before it runs. */
const char *lsb_sandbox_kernel(const LsbSandbox *sb);
/* "kvm" or "tcg"; NULL for a container and before the start. */
const char *lsb_sandbox_accel(const LsbSandbox *sb);
/*
 * How it was started: "cold" or "template"; NULL before that. REASON, which may be NULL: why it was
 * not from a template; NULL for a container. Borrowed, until it is started again.
 */
const char *lsb_sandbox_start_way(const LsbSandbox *sb, const char **reason);
/* The key of the template that its start was for; NULL: none. Borrowed. */
const char *lsb_sandbox_template_key(const LsbSandbox *sb);
/*
 * Wait until the templates that starts have left behind are in the store: 15 s at most. FALSE: one
 * could not be made, for the last reason since the last call.
 */
gboolean lsb_templates_await(GError **error);
/* How the user reached past us into QEMU: bits of LsbTaint (metadata.h). */
guint lsb_sandbox_taint(const LsbSandbox *sb);
/* The names of such bits, for a message. Caller frees. */
char *lsb_taint_text(guint taint);
/* The unix socket of the graphics, while it runs; NULL: none. Borrowed. */
const char *lsb_sandbox_display(const LsbSandbox *sb);
/* The last lines of the boot console, printable. Caller frees. */
char *lsb_sandbox_log(const LsbSandbox *sb);

/* The domain XML: what libvirt was given, or would be. Caller frees. */
char *lsb_sandbox_xml(const LsbSandbox *sb, GError **error);

/*
 * Begin to start, without waiting; when lsb_sandbox_start_over() is TRUE,
 * lsb_sandbox_start_result() says how it went. LSB_ERROR_STATE where it was started before.
 */
gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error);
gboolean lsb_sandbox_start_over(gpointer sb);
gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error);

/*
 * Before the start: its user comes later, by lsb_sandbox_hand_over(). Until then nothing is to be
 * run in it, and its timeout and idle_timeout have not begun. The listener of that time hears
 * STARTED when it waits.
 */
void lsb_sandbox_hold(LsbSandbox *sb);

/* Whether it is held and ready, and still alive at this moment: its end may be known to the kernel
 * before an event tells of it. */
gboolean lsb_sandbox_is_waiting(const LsbSandbox *sb);

/*
 * Of one that waits: give a machine the host's time, right within 10 ms, and new random numbers, and
 * hear that it is still there. lsb_sandbox_is_fresh() turns TRUE, or it ends, within seconds.
 */
void lsb_sandbox_freshen(LsbSandbox *sb);
gboolean lsb_sandbox_is_fresh(const LsbSandbox *sb);

/* It is its user's now, who has set a listener, which hears STARTED (again). Only one that is
 * fresh. */
void lsb_sandbox_hand_over(LsbSandbox *sb);

/*
 * Its user gives it back: it waits again, for another one. Its time limits end, and so does what
 * watches or moves its files. LSB_ERROR_STATE, and nothing has changed, where a program is open in it,
 * or it does not run.
 */
gboolean lsb_sandbox_give_back(LsbSandbox *sb, GError **error);

/* Whoever has handed it over is told, besides the listener, when nothing of it is left. NULL: nobody.
 */
typedef void (*LsbLender)(gpointer data, LsbSandbox *sb);
void lsb_sandbox_set_lender(LsbSandbox *sb, LsbLender lender, gpointer data);

/*
 * Run a program. NULL with LSB_ERROR_STATE or LSB_ERROR_STOPPED when the sandbox does not run. See
 * lsb_program_new() for the rest. The caller owns a reference.
 */
LsbProgram *lsb_sandbox_spawn(LsbSandbox *sb, LsbProgramSpec *spec, int stdin_fd,
                              const LsbOutputTarget targets[2], GError **error);

/*
 * Ask the guest to end everything; lsb_sandbox_is_stopped() turns TRUE when it has, and then it is
 * destroyed to the end. LSB_ERROR_STATE when it is paused.
 */
gboolean lsb_sandbox_ask_to_stop(LsbSandbox *sb, GError **error);
gboolean lsb_sandbox_is_stopped(gpointer sb);

/*
 * End it now; programs that run are lost. Nothing of it is left when lsb_sandbox_ended() is TRUE.
 * Harmless twice.
 */
void lsb_sandbox_destroy_begin(LsbSandbox *sb);
gboolean lsb_sandbox_ended(gpointer sb);

/* The two in one, waiting. */
void lsb_sandbox_destroy(LsbSandbox *sb);

/* Wait until no sandbox of this process is on its way to its end. */
void lsb_sandbox_await_ends(void);

/* Why it ended, where not by stop or destroy: a borrowed error, or NULL. */
const GError *lsb_sandbox_reason(const LsbSandbox *sb);

#endif
