/*
 * The host's end of the relay: frames in and out over one descriptor, on the default main context.
 * The relay checks the form of everything that the guest sends; the receiver of the frames checks
 * the meaning.
 */
#ifndef LSANDBOX_SESSION_RELAY_H
#define LSANDBOX_SESSION_RELAY_H

#include <glib.h>

#include "shared/wire.h"

typedef struct _LsbRelay LsbRelay;

typedef struct {
    /* A well-formed frame of a type that a guest may send. The payload is valid during the call. */
    void (*frame)(gpointer self, const struct wire_frame *frame);
    /* There is room to send again after lsb_relay_full() said TRUE. */
    void (*drained)(gpointer self);
    /*
     * The connection is over. REASON is an LSB_ERROR_PROTOCOL, or NULL when the guest hung up.
     * Called once.
     */
    void (*closed)(gpointer self, const GError *reason);
} LsbRelayEvents;

/* A relay over FD, which is taken over. EVENTS is static; SELF must outlive the relay. */
LsbRelay *lsb_relay_new(int fd, const LsbRelayEvents *events, gpointer self);

/*
 * Send a message, in as many frames as it needs. Never blocks: bytes that the guest does not take
 * are queued.
 */
void lsb_relay_send(LsbRelay *relay, enum wire_type type, guint32 id, const void *payload,
                    gsize len);

/* Send a message whose payload is one u32. */
void lsb_relay_send_u32(LsbRelay *relay, enum wire_type type, guint32 id, guint32 value);

/* When the last byte came or was sent, in microseconds of g_get_monotonic_time(). */
gint64 lsb_relay_last_use(const LsbRelay *relay);

/* Whether the guest's end is closed, as far as the kernel knows at this moment. Does not block. */
gboolean lsb_relay_hung_up(const LsbRelay *relay);

/* Bulk senders stop while this is TRUE, so that the queue stays bounded. */
gboolean lsb_relay_full(const LsbRelay *relay);

/*
 * Send bytes without copying them: write up to WIRE_MAX_PAYLOAD of them at the place that
 * lsb_relay_reserve() returns, then commit their number (0: nothing is sent).
 */
guint8 *lsb_relay_reserve(LsbRelay *relay);
void lsb_relay_commit(LsbRelay *relay, enum wire_type type, guint32 id, gsize len);

/* The fields of a frame's payload; see wire.h. */
static inline struct wire_reader lsb_relay_fields(const struct wire_frame *frame)
{
    return (struct wire_reader){frame->payload, frame->payload + frame->length, false};
}

/* End the connection as one that broke the protocol; `closed` is called with the message. */
void lsb_relay_fail(LsbRelay *relay, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Close without calling `closed`. NULL is fine; may be called from inside an event. */
void lsb_relay_free(LsbRelay *relay);

#endif
