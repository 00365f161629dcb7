/*
 * The guest's end of a relay, for tests: a socketpair whose one end is the relay (or the session)
 * under test, and whose other end says whatever a hostile guest could. Nothing waits for time: what a socketpair or
 * a pipe was given is there at once, so pump() runs the main context until it has nothing more to
 * do.
 */
#ifndef LSANDBOX_TEST_PEER_H
#define LSANDBOX_TEST_PEER_H

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/wire.h"
#include "base/error.h"
#include "fixture.h"
#include "session/program.h"
#include "session/relay.h"
#include "session/session.h"

typedef struct _Peer Peer;
struct _Peer {
    LsbRelay *relay;     /* NULL where a session is under test */
    LsbSession *session; /* see sessionpeer.h; else NULL */
    LsbProgram *program; /* where frames go, when there is one */
    int fd;
    GByteArray *in; /* what the relay sent */
    gsize parsed;
    /* what the relay told */
    GString *told;   /* what a session told */
    GString *frames; /* "TYPE:ID:LENGTH " each */
    guint64 bytes;   /* of payloads */
    guint32 sum;     /* of those bytes: every one has been looked at */
    guint drained, closed;
    char *reason; /* of `closed`; NULL: the guest hung up */
    /* what to do in an event */
    void (*in_frame)(Peer *peer);
    void (*in_drained)(Peer *peer);
    void (*in_closed)(Peer *peer);
};

static inline void peer_on_frame(gpointer self, const struct wire_frame *frame)
{
    Peer *peer = self;
    const char *what = "?";
    g_assert_cmpuint(peer->closed, ==, 0);
    g_string_append_printf(peer->frames, "%u:%u:%u ", frame->type, frame->id, frame->length);
    peer->bytes += frame->length;
    for (guint32 i = 0; i < frame->length; i++)
        peer->sum += frame->payload[i];
    if (peer->program && !lsb_program_frame(peer->program, frame, &what))
        lsb_relay_fail(peer->relay, "%s", what);
    if (peer->in_frame)
        peer->in_frame(peer);
}

static inline void peer_on_drained(gpointer self)
{
    Peer *peer = self;
    g_assert_cmpuint(peer->closed, ==, 0);
    peer->drained++;
    if (peer->program)
        lsb_program_relay_drained(peer->program);
    if (peer->in_drained)
        peer->in_drained(peer);
}

static inline void peer_on_closed(gpointer self, const GError *reason)
{
    Peer *peer = self;
    peer->closed++;
    g_assert_cmpuint(peer->closed, ==, 1);
    if (reason)
        g_assert_error(reason, LSB_ERROR, LSB_ERROR_PROTOCOL);
    peer->reason = reason ? g_strdup(reason->message) : NULL;
    g_autoptr(GError) hung_up = g_error_new_literal(LSB_ERROR, LSB_ERROR_STOPPED, "hung up");
    if (peer->program)
        lsb_program_lost(peer->program, reason ? reason : hung_up);
    if (peer->in_closed)
        peer->in_closed(peer);
}

/* A guest's end; what is to be tested gets *HOST_END. */
static inline Peer *peer_new_apart(int *host_end)
{
    Peer *peer = g_new0(Peer, 1);
    int ends[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    peer->fd = ends[1];
    peer->in = g_byte_array_new();
    peer->frames = g_string_new(NULL);
    peer->told = g_string_new(NULL);
    *host_end = ends[0];
    return peer;
}

static inline Peer *peer_new(void)
{
    static const LsbRelayEvents events = {peer_on_frame, peer_on_drained, peer_on_closed};
    int host_end;
    Peer *peer = peer_new_apart(&host_end);
    peer->relay = lsb_relay_new(host_end, &events, peer);
    return peer;
}

static inline void peer_hang_up(Peer *peer)
{
    if (peer->fd >= 0)
        g_assert_cmpint(close(peer->fd), ==, 0);
    peer->fd = -1;
}

static inline void peer_free(Peer *peer)
{
    if (peer->session)
        lsb_session_disown(peer->session);
    lsb_session_unref(peer->session);
    lsb_relay_free(peer->relay);
    lsb_program_unref(peer->program);
    peer_hang_up(peer);
    g_byte_array_unref(peer->in);
    g_string_free(peer->frames, TRUE);
    g_string_free(peer->told, TRUE);
    g_free(peer->reason);
    g_free(peer);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Peer, peer_free)

static inline void pump(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* Send bytes; where the socket is full, the relay takes its turn. What it no longer takes is
 * dropped. */
static inline void peer_send(Peer *peer, const void *data, gsize len)
{
    for (const guint8 *at = data, *end = at + len; at < end && peer->fd >= 0;) {
        ssize_t n = send(peer->fd, at, (gsize)(end - at), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EPIPE)
            break;
        g_assert_true(n > 0 || errno == EAGAIN || errno == ECONNRESET);
        if (n < 0 && errno == ECONNRESET)
            break;
        at += MAX(n, 0);
        if (n < 0)
            pump();
    }
}

static inline void peer_frame(Peer *peer, guint type, guint32 id, const void *payload, gsize len)
{
    g_autofree guint8 *bytes = g_malloc0(WIRE_HEADER + len);
    wire_header(bytes, (enum wire_type)type, 0, id, (guint32)len);
    if (payload)
        memcpy(bytes + WIRE_HEADER, payload, len);
    peer_send(peer, bytes, WIRE_HEADER + len);
}

static inline void peer_frame_u32(Peer *peer, guint type, guint32 id, guint32 value)
{
    guint32 le = GUINT32_TO_LE(value);
    peer_frame(peer, type, id, &le, sizeof le);
}

/* Read what the relay has sent until it has no more to send. */
static inline void peer_read(Peer *peer)
{
    static guint8 buffer[64 * 1024];
    ssize_t n;
    do {
        pump();
        n = recv(peer->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (n > 0)
            g_byte_array_append(peer->in, buffer, (guint)n);
    } while (n > 0);
}

/* The next frame that the relay sent; valid until more is read. */
static inline gboolean peer_next(Peer *peer, struct wire_frame *frame)
{
    peer_read(peer);
    long size = wire_parse(peer->in->data + peer->parsed, peer->in->len - peer->parsed, frame);
    g_assert_cmpint(size, >=, 0);
    peer->parsed += (gsize)size;
    return size > 0;
}

/* Every frame that the relay sent since the last call, as "TYPE:ID:LENGTH " each. */
static inline char *peer_sent(Peer *peer)
{
    GString *out = g_string_new(NULL);
    struct wire_frame frame;
    while (peer_next(peer, &frame))
        g_string_append_printf(out, "%u:%u:%u%s ", frame.type, frame.id, frame.length,
                               frame.flags & WIRE_MORE ? "+" : "");
    return g_string_free(out, FALSE);
}

#endif
