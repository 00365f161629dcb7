/* What a session hears from its guest: the dispatch of the relay's frames. */
#ifndef LSANDBOX_SESSION_SESSIONFRAMES_H
#define LSANDBOX_SESSION_SESSIONFRAMES_H

#include "session/relay.h"

/* For lsb_relay_new(); SELF is an LsbSession. */
extern const LsbRelayEvents lsb_session_relay_events;

#endif
