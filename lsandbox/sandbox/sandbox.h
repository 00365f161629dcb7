/*
 * A sandbox: its life cycle, from a description to its end. All functions belong to the thread that
 * turns the default main context; those that wait turn it meanwhile. Reference counted.
 */
#ifndef LSANDBOX_SANDBOX_SANDBOX_H
#define LSANDBOX_SANDBOX_SANDBOX_H

#include <glib.h>

#include "base/timeline.h"
#include "domain/template/savedmachine.h"
#include "recipe/description.h"
#include "session/program.h"
#include "session/session.h"

typedef struct _LsbSandbox LsbSandbox;

/* states.h has a drawing of what leads from one to the next. */
typedef enum {
    LSB_NEW,
    LSB_STARTING,
    LSB_RUNNING,
    LSB_PAUSED,
    LSB_ENDING, /* nothing can be done with it any more, and something of it is left on the host */
    LSB_ENDED,
} LsbState;

/* Milliseconds each step of the start took; 0: not reached. */
typedef struct {
    double domain; /* from start to libvirt having created the domain */
    double hello;  /* to the guest init's first word */
    double ready;  /* to the plan being carried out */
} LsbTimes;

/*
 * A sandbox that is not started (NEW) and has nothing on the host yet. D is taken over. The caller
 * owns a reference.
 */
LsbSandbox *lsb_sandbox_new(LsbDescription *d);
/*
 * To be called before the start: SB goes on from the saved machine ORIGIN, which was made from the
 * same recipe. SB keeps a reference to ORIGIN.
 */
void lsb_sandbox_set_origin(LsbSandbox *sb, LsbSavedMachine *origin);
LsbSandbox *lsb_sandbox_ref(LsbSandbox *sb);
/*
 * Drop a reference. The last one may be dropped only where the sandbox was never started or has
 * ended. NULL is fine.
 */
void lsb_sandbox_unref(LsbSandbox *sb);

/*
 * End the sandbox where it runs, without waiting (an attached one is only let go), and drop the
 * caller's reference. Its listener hears nothing more. NULL is fine.
 */
void lsb_sandbox_abandon(LsbSandbox *sb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSandbox, lsb_sandbox_abandon)

/* --- events --- */

/*
 * A listener is called on the main context, from inside the function in which the event happens.
 * Therefore it may only take note, and must act later.
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

/* Set the sandbox's only listener, which is called with DATA; NULL: none. */
void lsb_sandbox_set_listener(LsbSandbox *sb, LsbSandboxListener listener, gpointer data);

/*
 * Whether this process made SB. In a forked child of the process that did, SB is inert: nothing
 * ends, frees or changes it.
 */
gboolean lsb_sandbox_is_own(const LsbSandbox *sb);

/*
 * Whether SB is attached: another process may have started it, so this process can only pause,
 * watch and end it.
 */
gboolean lsb_sandbox_is_attached(const LsbSandbox *sb);
/* What SB is made from. Borrowed. */
const LsbDescription *lsb_sandbox_description(const LsbSandbox *sb);
/*
 * The session with the sandbox's guest, for programs and files; borrowed. lsb_session_spawn() asks
 * the sandbox first: LSB_ERROR_STATE where it does not run, is paused or is being saved,
 * LSB_ERROR_UNSUPPORTED where another process started it, or the reason that it ended for.
 */
LsbSession *lsb_sandbox_session(const LsbSandbox *sb);
LsbTimes lsb_sandbox_times(const LsbSandbox *sb);
/* What happened when; empty before the start. Borrowed. */
LsbTimeline *lsb_sandbox_timeline(const LsbSandbox *sb);
/* The guest's kernel release; NULL before it runs. */
const char *lsb_sandbox_kernel(const LsbSandbox *sb);
/* "kvm" or "tcg"; NULL for a container and before the start. */
const char *lsb_sandbox_accel(const LsbSandbox *sb);
/*
 * How the sandbox was started: "cold", "template", "saved" or "fork"; NULL before it is up. REASON
 * (which may be NULL) gets why a machine was started cold, borrowed until a failed start from a
 * template is tried again; for a container it gets NULL.
 */
const char *lsb_sandbox_start_way(const LsbSandbox *sb, const char **reason);
/* The key of the template that the start has used or made; NULL: neither. Borrowed. */
const char *lsb_sandbox_template_key(const LsbSandbox *sb);

/* How the user reached QEMU directly: bits of LsbTaint (metadata.h). */
guint lsb_sandbox_taint(const LsbSandbox *sb);
/* The names of such bits, for a message. Caller frees. */
char *lsb_taint_text(guint taint);
/* The unix socket of the graphics, while it runs; NULL: none. Borrowed. */
const char *lsb_sandbox_display(const LsbSandbox *sb);
/* The last lines of the boot console, printable. Caller frees. */
char *lsb_sandbox_log(const LsbSandbox *sb);

/*
 * The domain XML that libvirt was given, or before the start the one that it would be given. Caller
 * frees. NULL with ERROR.
 */
char *lsb_sandbox_xml(const LsbSandbox *sb, GError **error);

/* Why it ended, where not by stop or destroy: a borrowed error, or NULL. */
const GError *lsb_sandbox_reason(const LsbSandbox *sb);

#endif
