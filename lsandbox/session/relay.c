/* The host's end of the relay: frames in and out over one descriptor. */
#include "session/relay.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/ownprocess.h"
#include "shared/units.h"
#include "shared/wire.h"

enum {
    READ_BUFFER = 4 * (WIRE_HEADER + WIRE_MAX_PAYLOAD),
    READS_PER_TURN = 8, /* then other sources of the main context get their turn */
    HIGH_WATER = MiB,
};

struct _LsbRelay {
    int fd;
    int refs; /* the owner's, and one per running event */
    const LsbRelayEvents *events;
    gpointer self;
    guint in_source, out_source;
    gboolean over;
    guint8 *in;
    gsize in_len;
    guint8 *out;
    gsize out_start, out_end, out_cap;
    gboolean was_full;
    gint64 last_use;
};

static void relay_unref(LsbRelay *relay)
{
    if (--relay->refs > 0)
        return;
    g_free(relay->in);
    g_free(relay->out);
    g_free(relay);
}

/* Stop listening and close; what is queued is dropped. */
static void hang_up(LsbRelay *relay)
{
    g_clear_handle_id(&relay->in_source, g_source_remove);
    g_clear_handle_id(&relay->out_source, g_source_remove);
    lsb_process_forget(relay->fd);
    if (relay->fd >= 0)
        close(relay->fd);
    relay->fd = -1;
    relay->over = TRUE;
}

static void relay_end(LsbRelay *relay, const GError *reason)
{
    if (relay->over)
        return;
    hang_up(relay);
    relay->events->closed(relay->self, reason);
}

void lsb_relay_fail(LsbRelay *relay, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autoptr(GError) reason = g_error_new(LSB_ERROR, LSB_ERROR_PROTOCOL,
                                           "the guest broke the relay's protocol: %s", what);
    relay_end(relay, reason);
}

static gboolean from_guest(const struct wire_frame *frame)
{
    return frame->type <= WIRE_TIME || frame->type >= WIRE_READY;
}

/* Report the whole frames at the start of the buffer; returns how many bytes they took. */
static gsize deliver(LsbRelay *relay)
{
    gsize at = 0;
    struct wire_frame frame;
    while (!relay->over) {
        long size = wire_parse(relay->in + at, relay->in_len - at, &frame);
        if (size == 0)
            break;
        if (size < 0 || !from_guest(&frame) || frame.flags) {
            lsb_relay_fail(relay, "bad frame header (type %u, flags %u, length %u)", frame.type,
                           frame.flags, frame.length);
            break;
        }
        relay->events->frame(relay->self, &frame);
        at += (gsize)size;
    }
    return at;
}

static gboolean relay_read_some(LsbRelay *relay)
{
    ssize_t n = read(relay->fd, relay->in + relay->in_len, READ_BUFFER - relay->in_len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return FALSE;
    if (n <= 0) {
        relay_end(relay, NULL);
        return FALSE;
    }
    relay->in_len += (gsize)n;
    relay->last_use = g_get_monotonic_time();
    gsize taken = deliver(relay);
    memmove(relay->in, relay->in + taken, relay->in_len - taken);
    relay->in_len -= taken;
    return !relay->over;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    LsbRelay *relay = data;
    relay->refs++;
    for (int i = 0; i < READS_PER_TURN && relay_read_some(relay); i++)
        ;
    gboolean keep = !relay->over;
    relay_unref(relay);
    return keep ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void report_drained(LsbRelay *relay)
{
    if (relay->over || !relay->was_full || lsb_relay_full(relay))
        return;
    relay->was_full = FALSE;
    relay->events->drained(relay->self);
}

/*
 * Write the queue; TRUE when all of it is written, or never can be. A send that fails shuts the
 * socket down and drops the queue, which would only grow; frames that the guest has sent before are
 * still read, and then comes the end.
 */
static gboolean flush_queue(LsbRelay *relay)
{
    while (relay->out_start < relay->out_end) {
        ssize_t n = send(relay->fd, relay->out + relay->out_start,
                         relay->out_end - relay->out_start, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return FALSE;
        if (n < 0) {
            shutdown(relay->fd, SHUT_RDWR);
            break;
        }
        relay->out_start += (gsize)n;
    }
    relay->out_start = relay->out_end = 0;
    return TRUE;
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    LsbRelay *relay = data;
    relay->refs++;
    gboolean done = flush_queue(relay);
    if (done)
        relay->out_source = 0;
    report_drained(relay);
    /* `drained` may have queued more and added a source of its own, or ended the relay. */
    relay_unref(relay);
    return done ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

LsbRelay *lsb_relay_new(int fd, const LsbRelayEvents *events, gpointer self)
{
    LsbRelay *relay = g_new0(LsbRelay, 1);
    relay->fd = fd;
    relay->refs = 1;
    relay->events = events;
    relay->self = self;
    relay->in = g_malloc(READ_BUFFER);
    relay->last_use = g_get_monotonic_time();
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    lsb_process_hold(fd); /* a forked child must take no frame, and not keep the guest waiting */
    relay->in_source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, relay);
    return relay;
}

gint64 lsb_relay_last_use(const LsbRelay *relay)
{
    return relay->last_use;
}

gboolean lsb_relay_hung_up(const LsbRelay *relay)
{
    struct pollfd p = {.fd = relay->fd};
    return relay->over || (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)));
}

gboolean lsb_relay_full(const LsbRelay *relay)
{
    return relay->out_end - relay->out_start >= HIGH_WATER;
}

static void make_room(LsbRelay *relay, gsize more)
{
    gsize used = relay->out_end - relay->out_start;
    if (relay->out_end + more <= relay->out_cap)
        return;
    if (used + more <= relay->out_cap) {
        memmove(relay->out, relay->out + relay->out_start, used);
    } else {
        relay->out_cap = MAX(2 * relay->out_cap, used + more);
        guint8 *bigger = g_malloc(relay->out_cap);
        if (used)
            memcpy(bigger, relay->out + relay->out_start, used);
        g_free(relay->out);
        relay->out = bigger;
    }
    relay->out_start = 0;
    relay->out_end = used;
}

static void send_queued(LsbRelay *relay)
{
    relay->last_use = g_get_monotonic_time();
    if (relay->over) {
        relay->out_start = relay->out_end = 0;
        return;
    }
    if (!relay->out_source && !flush_queue(relay))
        relay->out_source = g_unix_fd_add(relay->fd, G_IO_OUT, on_writable, relay);
    relay->was_full |= lsb_relay_full(relay);
}

guint8 *lsb_relay_reserve(LsbRelay *relay)
{
    make_room(relay, WIRE_HEADER + WIRE_MAX_PAYLOAD);
    return relay->out + relay->out_end + WIRE_HEADER;
}

void lsb_relay_commit(LsbRelay *relay, enum wire_type type, guint32 id, gsize len)
{
    if (len == 0)
        return;
    wire_header(relay->out + relay->out_end, type, 0, id, (guint32)len);
    relay->out_end += WIRE_HEADER + len;
    send_queued(relay);
}

static void queue_frame(LsbRelay *relay, enum wire_type type, guint8 flags, guint32 id,
                        const void *payload, gsize len)
{
    make_room(relay, WIRE_HEADER + len);
    wire_header(relay->out + relay->out_end, type, flags, id, (guint32)len);
    if (len)
        memcpy(relay->out + relay->out_end + WIRE_HEADER, payload, len);
    relay->out_end += WIRE_HEADER + len;
}

void lsb_relay_send(LsbRelay *relay, enum wire_type type, guint32 id, const void *payload,
                    gsize len)
{
    const guint8 *at = payload;
    for (; len > WIRE_MAX_PAYLOAD; at += WIRE_MAX_PAYLOAD, len -= WIRE_MAX_PAYLOAD)
        queue_frame(relay, type, WIRE_MORE, id, at, WIRE_MAX_PAYLOAD);
    queue_frame(relay, type, 0, id, at, len);
    send_queued(relay);
}

void lsb_relay_send_u32(LsbRelay *relay, enum wire_type type, guint32 id, guint32 value)
{
    guint32 le = GUINT32_TO_LE(value);
    lsb_relay_send(relay, type, id, &le, sizeof le);
}

void lsb_relay_free(LsbRelay *relay)
{
    if (!relay)
        return;
    hang_up(relay);
    relay_unref(relay);
}
