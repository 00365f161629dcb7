/*
 * The guest init's end of the relay: frames in and out over one descriptor that never blocks, with
 * a buffer for each direction.
 */
#ifndef LSANDBOX_INIT_RELAY_H
#define LSANDBOX_INIT_RELAY_H

#include "shared/units.h"
#include "shared/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Programs' output is read only while less than this waits to be sent. That bounds memory, and
       so little stays in the processor's cache between the read and the write. */
    RELAY_SHORT_QUEUE = 256 * KiB,
};

struct relay {
    int fd;
    uint8_t *in, *out;
    size_t in_start, in_end;
    size_t out_start, out_end, out_size;
    struct wire_buf whole; /* a message put together from frames with WIRE_MORE */
    uint8_t whole_type;    /* 0: no message is being put together */
    uint32_t whole_id;
    bool whole_delivered;
    bool out_of_memory;
};

enum relay_state { RELAY_OPEN, RELAY_GONE };

/* Make FD, which stays open until the process ends, non-blocking. -1 and errno. */
int relay_init(struct relay *r, int fd);

/* Read what has come. RELAY_GONE: the peer has hung up; relay_next() still gives earlier frames. */
enum relay_state relay_fill(struct relay *r);

/*
 * Take the next whole message. 1; 0: more bytes are needed; -1: the bytes break the protocol. The
 * payload is valid until the next call of relay_next() or relay_fill(). It may be longer than
 * WIRE_MAX_PAYLOAD when it came in several frames.
 */
int relay_next(struct relay *r, struct wire_frame *message);

/* Queue one frame. LENGTH is at most WIRE_MAX_PAYLOAD. */
void relay_send(struct relay *r, enum wire_type type, uint32_t id, const void *payload,
                size_t length);
/* Queue one frame with what is in FIELDS. */
void relay_send_fields(struct relay *r, enum wire_type type, uint32_t id, struct wire_buf *fields);
void relay_send_u32(struct relay *r, enum wire_type type, uint32_t id, uint32_t value);

/*
 * Get room for LENGTH bytes of payload at the end of the queue, to read straight into it; NULL when
 * memory is short. relay_send_room() then queues a frame with the first LENGTH bytes of that room.
 */
uint8_t *relay_room(struct relay *r, size_t length);
void relay_send_room(struct relay *r, enum wire_type type, uint32_t id, size_t length);

static inline size_t relay_queued(const struct relay *r)
{
    return r->out_end - r->out_start;
}

/* Drop what is queued for, or came from, a peer that has gone, because another peer may come. */
void relay_drop_queue(struct relay *r);
void relay_drop_input(struct relay *r);

/* Write as much of the queue as the peer takes now. */
enum relay_state relay_flush(struct relay *r);

/*
 * Wait for the next whole message, and write what is queued meanwhile. Returns as relay_next(), but
 * 0 when the peer is gone.
 */
int relay_await(struct relay *r, struct wire_frame *message);

/* Write all that is queued, for at most MILLISECONDS. */
void relay_flush_within(struct relay *r, int milliseconds);

/* Block until there is input, or room for output (if some is queued), or the peer hangs up. */
void relay_wait(struct relay *r);

#endif
