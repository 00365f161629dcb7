/* Frames in and out over one non-blocking descriptor. */
#define _GNU_SOURCE
#include "relay.h"

#include "clock.h"
#include "shared/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    IN_SIZE = 256 * KiB, /* one whole frame would do; more makes fewer, bigger reads */
    OUT_SIZE = RELAY_SHORT_QUEUE + 2 * (WIRE_HEADER + WIRE_MAX_PAYLOAD),
};

int relay_init(struct relay *r, int fd)
{
    *r = (struct relay){.fd = fd, .in = malloc(IN_SIZE), .out = malloc(OUT_SIZE)};
    r->out_size = OUT_SIZE;
    int flags = fcntl(fd, F_GETFL);
    if (!r->in || !r->out || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -1;
    return 0;
}

/* --- in --- */

static void compact_in(struct relay *r)
{
    if (r->in_start == 0)
        return;
    memmove(r->in, r->in + r->in_start, r->in_end - r->in_start);
    r->in_end -= r->in_start;
    r->in_start = 0;
}

/* The loop is needed because a virtio port gives at most one page for each read(2). */
enum relay_state relay_fill(struct relay *r)
{
    compact_in(r);
    while (r->in_end < IN_SIZE) {
        ssize_t n = read(r->fd, r->in + r->in_end, IN_SIZE - r->in_end);
        if (n > 0)
            r->in_end += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return RELAY_OPEN;
        else if (n == 0 || errno != EINTR)
            return RELAY_GONE;
    }
    return RELAY_OPEN;
}

void relay_drop_input(struct relay *r)
{
    r->in_start = r->in_end = 0;
    r->whole_delivered = true; /* so that half of a message is dropped, too */
}

/* Only PLAN and SPAWN can be too long for one frame. */
static bool may_continue(const struct wire_frame *f)
{
    return f->type == WIRE_PLAN || f->type == WIRE_SPAWN;
}

static void forget_delivered(struct relay *r)
{
    if (!r->whole_delivered)
        return;
    wire_buf_clear(&r->whole);
    r->whole_delivered = false;
    r->whole_type = 0;
}

/* Add a frame to the message that is being put together. Returns as relay_next(). */
static int gather(struct relay *r, struct wire_frame *f)
{
    if (!may_continue(f) || (r->whole_type && (f->type != r->whole_type || f->id != r->whole_id)))
        return -1;
    r->whole_type = f->type;
    r->whole_id = f->id;
    wire_put_bytes(&r->whole, f->payload, f->length);
    if (r->whole.failed)
        return -1;
    if (f->flags & WIRE_MORE)
        return 0;
    f->payload = r->whole.data;
    f->length = (uint32_t)r->whole.len;
    r->whole_delivered = true;
    return 1;
}

int relay_next(struct relay *r, struct wire_frame *message)
{
    forget_delivered(r);
    for (;;) {
        long used = wire_parse(r->in + r->in_start, r->in_end - r->in_start, message);
        if (used <= 0)
            return (int)used;
        r->in_start += (size_t)used;
        bool in_pieces = (message->flags & WIRE_MORE) || (r->whole_type && may_continue(message));
        int got = in_pieces ? gather(r, message) : 1;
        if (got != 0)
            return got;
    }
}

/* --- out --- */

static void compact_out(struct relay *r)
{
    memmove(r->out, r->out + r->out_start, relay_queued(r));
    r->out_end -= r->out_start;
    r->out_start = 0;
}

/* Make room for SIZE bytes at the end. DATA frames never make the queue grow, others may. */
static bool reserve(struct relay *r, size_t size)
{
    if (r->out_size - r->out_end >= size)
        return true;
    compact_out(r);
    if (r->out_size - r->out_end >= size)
        return true;
    size_t bigger = r->out_end + size + OUT_SIZE;
    uint8_t *out = realloc(r->out, bigger);
    if (!out) {
        r->out_of_memory = true;
        return false;
    }
    r->out = out;
    r->out_size = bigger;
    return true;
}

uint8_t *relay_room(struct relay *r, size_t length)
{
    return reserve(r, WIRE_HEADER + length) ? r->out + r->out_end + WIRE_HEADER : NULL;
}

void relay_send_room(struct relay *r, enum wire_type type, uint32_t id, size_t length)
{
    wire_header(r->out + r->out_end, type, 0, id, (uint32_t)length);
    r->out_end += WIRE_HEADER + length;
}

void relay_send(struct relay *r, enum wire_type type, uint32_t id, const void *payload,
                size_t length)
{
    uint8_t *room = relay_room(r, length);
    if (!room)
        return;
    if (length)
        memcpy(room, payload, length);
    relay_send_room(r, type, id, length);
}

void relay_send_fields(struct relay *r, enum wire_type type, uint32_t id, struct wire_buf *fields)
{
    if (fields->failed)
        r->out_of_memory = true;
    else
        relay_send(r, type, id, fields->data, fields->len);
    wire_buf_clear(fields);
}

void relay_send_u32(struct relay *r, enum wire_type type, uint32_t id, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};
    relay_send(r, type, id, bytes, sizeof bytes);
}

void relay_drop_queue(struct relay *r)
{
    r->out_start = r->out_end = 0;
}

enum relay_state relay_flush(struct relay *r)
{
    while (relay_queued(r) > 0) {
        ssize_t n = write(r->fd, r->out + r->out_start, relay_queued(r));
        if (n > 0)
            r->out_start += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return RELAY_OPEN;
        else if (n == 0 || errno != EINTR)
            return RELAY_GONE;
    }
    relay_drop_queue(r);
    return RELAY_OPEN;
}

void relay_flush_within(struct relay *r, int milliseconds)
{
    int64_t end = clock_ms() + milliseconds;
    while (relay_flush(r) == RELAY_OPEN && relay_queued(r) > 0) {
        struct pollfd p = {.fd = r->fd, .events = POLLOUT};
        int64_t left = end - clock_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0 || (p.revents & (POLLHUP | POLLERR)))
            return;
    }
}

void relay_wait(struct relay *r)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    if (relay_queued(r) > 0)
        p.events |= POLLOUT;
    poll(&p, 1, -1);
}

int relay_await(struct relay *r, struct wire_frame *message)
{
    bool gone = false;
    int got;
    while ((got = relay_next(r, message)) == 0 && !gone) {
        relay_flush(r);
        relay_wait(r);
        gone = relay_fill(r) == RELAY_GONE;
    }
    return got;
}
