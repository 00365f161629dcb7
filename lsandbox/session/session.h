/*
 * A session: everything that a host says to one guest init and hears from it over a connected byte
 * channel (the relay of shared/wire.h). It sends the plan, runs programs and file operations, and
 * checks every word of the guest. It knows nothing of what stands behind the channel: its owner may
 * hold a domain, or only a descriptor.
 *
 *            connect                HELLO               send_plan           READY
 *     CLOSED --------> AWAITS_HELLO ------> AWAITS_PLAN ----------> PLANNED ------> READY
 *        ^                                      ^                                   |   ^
 *        |                                      | DETACHED                   detach |   | DETACHED,
 *        |                                      |                                   v   | EBUSY
 *        | close, from every state              +----------------------------- DETACHING
 *
 * A session with a guest that has said HELLO to an earlier host starts at AWAITS_PLAN.
 *
 * All functions belong to the thread that turns the default main context. Reference counted,
 * because file operations hold a reference, too.
 */
#ifndef LSANDBOX_SESSION_SESSION_H
#define LSANDBOX_SESSION_SESSION_H

#include <glib.h>

#include "base/guestmarks.h"
#include "session/profile.h"
#include "session/program.h"
#include "session/spec.h"

typedef struct _LsbSession LsbSession;

/*
 * What the owner is told, from inside the relay's events. A member that is NULL is not called.
 * Programs are borrowed for the call. Those of the guest init's own file service are not reported.
 */
typedef struct {
    /*
     * Whether a program may be spawned now; FALSE with the error that lsb_session_spawn() returns.
     */
    gboolean (*may_spawn)(gpointer owner, GError **error);

    /* The guest has said HELLO and waits for lsb_session_send_plan(), now or later. */
    void (*greeted)(gpointer owner);
    /* The guest has carried out the plan; MARKS say when it reached its steps. */
    void (*ready)(gpointer owner, const LsbGuestMarks *marks);
    /* The guest could not carry out the plan: WHAT is a printable message. */
    void (*failed)(gpointer owner, const char *what);
    /*
     * The guest's answer to lsb_session_detach(). ERRNUM 0: it waits for a plan. EBUSY: WHAT stands
     * in the way, and the guest serves on. Another errno: it has lost its mounts at WHAT.
     */
    void (*detached)(gpointer owner, guint errnum, const char *what);
    /* The guest's answer to lsb_session_freshen(). */
    void (*freshened)(gpointer owner);

    void (*program_spawned)(gpointer owner, LsbProgram *program);
    void (*program_started)(gpointer owner, LsbProgram *program);
    /* A captured stream has passed its limit. */
    void (*output_limit)(gpointer owner, LsbProgram *program);
    void (*program_ended)(gpointer owner, LsbProgram *program);
    /* A program and its streams have ended, so the program's number is free again. */
    void (*program_gone)(gpointer owner);

    /*
     * The channel is over. REASON is an LSB_ERROR_PROTOCOL, or NULL where the guest hung up. The
     * owner calls lsb_session_close() in it; where the member is NULL, the session does.
     */
    void (*closed)(gpointer owner, const GError *reason);
} LsbSessionEvents;

/*
 * Takes PROFILE over. EVENTS is static; OWNER is borrowed until lsb_session_disown(). The caller
 * owns a reference.
 */
LsbSession *lsb_session_new(LsbProfile *profile, const LsbSessionEvents *events, gpointer owner);
LsbSession *lsb_session_ref(LsbSession *s);
/* NULL is fine. */
void lsb_session_unref(LsbSession *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSession, lsb_session_unref)

/* Close the session; no event comes afterwards, because the owner is about to be freed. */
void lsb_session_disown(LsbSession *s);

/* --- the channel --- */

/*
 * Speak to a guest over FD, a connected byte stream, which is taken over. HAS_GREETED: the guest
 * has said HELLO to an earlier host, as one that goes on from a template has; a HELLO that it sends
 * all the same is ignored. The session must be closed, and may be connected again after
 * lsb_session_close().
 */
void lsb_session_connect(LsbSession *s, int fd, gboolean has_greeted);

/*
 * Close the channel. Programs that run end as LSB_END_LOST with REASON's message. REASON is copied;
 * NULL: the channel was closed on purpose. `closed` is not called. Harmless twice.
 */
void lsb_session_close(LsbSession *s, const GError *reason);

/* Why the session was closed, where there is a reason: borrowed, or NULL. */
const GError *lsb_session_reason(const LsbSession *s);

/* Whether the guest's end is closed, as far as the kernel knows at this moment. Does not block. */
gboolean lsb_session_hung_up(const LsbSession *s);

/* When the last byte came or was sent (g_get_monotonic_time()). S must be connected. */
gint64 lsb_session_last_use(const LsbSession *s);

/* Whether the guest said that it ends (BYE), so that the end of the channel is no surprise. */
gboolean lsb_session_said_bye(const LsbSession *s);

/* --- what the host asks of the guest --- */

/* Send PLAN, the bytes of wire.h's plan without the seed, to a guest that waits for it. */
void lsb_session_send_plan(LsbSession *s, GBytes *plan);

/* Ask a guest that is ready to go back to where it waits for a plan; `detached` follows. */
void lsb_session_detach(LsbSession *s);

/*
 * Give a machine the host's time, and new random numbers; `freshened` follows when the clock is
 * right within 10 ms. A program that is spawned after this call sees a clock that is right within
 * 0.1 s and the time that the message takes. Does nothing while a plan is due, which does the same.
 */
void lsb_session_freshen(LsbSession *s);

/*
 * Ask the guest init to end all programs, and then the machine or container. `closed` follows. Does
 * nothing where the session is closed.
 */
void lsb_session_shut_down(LsbSession *s);

/* --- what is known of the guest --- */

/* What S knows of its sandbox. Borrowed. */
const LsbProfile *lsb_session_profile(const LsbSession *s);
/* Whether the guest has said HELLO, over this channel or to an earlier host. */
gboolean lsb_session_has_greeted(const LsbSession *s);
/* Whether the guest's HELLO said that its kernel can renew its random numbers at once. */
gboolean lsb_session_is_renewable(const LsbSession *s);

/*
 * How long the guest's kernel has kept time when it greeted, in nanoseconds of its own clock; 0:
 * not known.
 */
guint64 lsb_session_clock(const LsbSession *s);
/* The guest's kernel release, printable; NULL before the first READY. Borrowed. */
const char *lsb_session_kernel(const LsbSession *s);

/* --- programs --- */

/*
 * Run a program; see lsb_program_new() for the parameters. The caller owns a reference. NULL with
 * the error of `may_spawn`, or LSB_ERROR_STATE where the guest is not ready.
 */
LsbProgram *lsb_session_spawn(LsbSession *s, LsbProgramSpec *spec, int stdin_fd,
                              const LsbOutputTarget targets[2], GError **error);

/*
 * How many of the user's programs run. A program that has ended but whose streams are open is not
 * counted, nor is one of the file service, whose operation is over a moment before it ends.
 */
guint lsb_session_count_running(const LsbSession *s);
/* Whether no program holds a number: every program has ended, with its streams. */
gboolean lsb_session_is_empty(const LsbSession *s);
/* Whether a program of the file service (a watcher, an operation) holds a number. */
gboolean lsb_session_has_service(const LsbSession *s);
/* Kill the programs of the file service. */
void lsb_session_end_services(LsbSession *s);

#endif
