/*
 * A guest for a session that has no domain: the session is connected to a socketpair, and the test
 * says at its other end what a guest could. See peer.h.
 */
#ifndef LSANDBOX_TEST_SESSIONPEER_H
#define LSANDBOX_TEST_SESSIONPEER_H

#include "session/program.h"
#include "shared/wire.h"
#include "base/guestmarks.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "session/profile.h"
#include "session/session.h"
#include "peer.h"
#include "recipe.h"

/* --- what the session tells its owner: the peer's `told`, a word each --- */

static inline void told(gpointer owner, const char *word)
{
    Peer *peer = owner;
    g_assert_cmpuint(peer->closed, ==, 0);
    g_string_append_printf(peer->told, "%s%s", peer->told->len ? " " : "", word);
}

static inline void told_greeted(gpointer owner)
{
    told(owner, "greeted");
}

static inline void told_ready(gpointer owner, const LsbGuestMarks *marks)
{
    (void)marks;
    told(owner, "ready");
}

static inline void told_failed(gpointer owner, const char *what)
{
    g_autofree char *words = g_strdup_printf("failed(%s)", what);
    told(owner, words);
}

static inline void told_detached(gpointer owner, guint errnum, const char *what)
{
    g_autofree char *words = g_strdup_printf("detached(%u%s%s)", errnum, *what ? " " : "", what);
    told(owner, words);
}

static inline void told_freshened(gpointer owner)
{
    told(owner, "freshened");
}

static inline void told_spawned(gpointer owner, LsbProgram *program)
{
    (void)program;
    told(owner, "spawned");
}

static inline void told_started(gpointer owner, LsbProgram *program)
{
    (void)program;
    told(owner, "started");
}

static inline void told_limit(gpointer owner, LsbProgram *program)
{
    g_assert_true(lsb_program_cut(program));
    told(owner, "output-limit");
}

static inline void told_ended(gpointer owner, LsbProgram *program)
{
    (void)program;
    told(owner, "ended");
}

static inline void told_gone(gpointer owner)
{
    told(owner, "gone");
}

static inline void told_closed(gpointer owner, const GError *reason)
{
    Peer *peer = owner;
    peer_on_closed(peer, reason);
    lsb_session_close(peer->session, reason);
}

/* --- the peer --- */

static inline Peer *session_peer_new(LsbProfile *profile)
{
    static const LsbSessionEvents events = {
        .greeted = told_greeted,
        .ready = told_ready,
        .failed = told_failed,
        .detached = told_detached,
        .freshened = told_freshened,
        .program_spawned = told_spawned,
        .program_started = told_started,
        .output_limit = told_limit,
        .program_ended = told_ended,
        .program_gone = told_gone,
        .closed = told_closed,
    };
    int host_end;
    Peer *peer = peer_new_apart(&host_end);
    peer->session = lsb_session_new(profile, &events, peer);
    lsb_session_connect(peer->session, host_end, FALSE);
    return peer;
}

static inline LsbProfile *profile_of(const char *text)
{
    g_autoptr(LsbValue) value = recipe(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
    g_assert_no_error(error);
    return lsb_profile_new(d);
}

static inline void say_hello(Peer *peer, guint32 version)
{
    peer_frame_u32(peer, WIRE_HELLO, 0, version);
    pump();
}

static inline void send_empty_plan(Peer *peer)
{
    g_autoptr(GBytes) plan = g_bytes_new_static("", 0);
    lsb_session_send_plan(peer->session, plan);
}

static inline void say_ready(Peer *peer)
{
    struct wire_buf b = {0};
    wire_put_str(&b, "6.1\033");
    wire_put_u32(&b, 0);
    wire_put_u64(&b, 0);
    peer_frame(peer, WIRE_READY, 0, b.data, b.len);
    wire_buf_clear(&b);
    pump();
}

/* To where it runs programs; what the session has sent until then is read. */
static inline void session_peer_boot(Peer *peer)
{
    say_hello(peer, WIRE_VERSION);
    send_empty_plan(peer);
    say_ready(peer);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpuint(peer->closed, ==, 0);
}

#endif
