/* What the files of a session share: session.c has the object, sessionframes.c hears the guest. */
#ifndef LSANDBOX_SESSION_SESSION_PRIVATE_H
#define LSANDBOX_SESSION_SESSION_PRIVATE_H

#include <glib.h>

#include "session/profile.h"
#include "session/relay.h"
#include "session/session.h"

/* session.h has a drawing of what leads from one to the next. */
typedef enum {
    SESSION_CLOSED,
    SESSION_AWAITS_HELLO,
    SESSION_AWAITS_PLAN,
    SESSION_PLANNED,
    SESSION_READY,
    SESSION_DETACHING,
} LsbSessionState;

struct _LsbSession {
    int refs;
    LsbSessionState state;
    LsbProfile *profile;
    const LsbSessionEvents *events;
    gpointer owner;
    LsbRelay *relay; /* NULL: closed */
    GError *reason;  /* of the last close */

    /* The guest. */
    gboolean expects_no_hello; /* it has greeted an earlier host */
    gboolean renewable;
    gboolean said_bye;
    gboolean freshening;    /* FRESHEN was sent, FRESHENED is due */
    gboolean freshen_again; /* once more after that */
    guint64 clock;          /* the guest's CLOCK_MONOTONIC at its HELLO, in ns; 0: unknown */
    guint times_left;       /* how often the guest may still ask for the time */
    char *kernel;

    GHashTable *programs; /* id -> LsbProgram */
    guint32 last_program; /* the number that was given last */
};

/*
 * FRESHENED has come: send what has waited for it. Whether the clock is right now, which it is not
 * when FRESHEN had to be sent once more.
 */
gboolean lsb_session_freshened(LsbSession *s);

#endif
