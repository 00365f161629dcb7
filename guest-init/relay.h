/*
 * The relay: frames in and out over one descriptor that never blocks, with a buffer each way.
 */
#ifndef LSANDBOX_INIT_RELAY_H
#define LSANDBOX_INIT_RELAY_H

#include "shared/units.h"
#include "shared/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Programs' output is read only while less than this waits to be sent: bounds memory, and a
       quarter MiB stays in the processor's cache between the read and the write. */
    RELAY_SHORT_QUEUE = 256 * KiB,
};

struct relay {
    int fd;
    uint8_t *in, *out;
    size_t in_start, in_end;
    size_t out_start, out_end, out_size;
    struct wire_buf whole; /* a message put together from frames with WIRE_MORE */
    uint8_t whole_type;    /* 0: none under way */
    uint32_t whole_id;
    bool whole_delivered;
    bool out_of_memory;
};

enum relay_state { RELAY_OPEN, RELAY_GONE };

/* FD is made non-blocking and stays open until the process ends. -1 when memory is short. */
int relay_init(struct relay *r, int fd);

/* Read what is there. RELAY_GONE at hang-up: frames that came before it can still be taken. */
enum relay_state relay_fill(struct relay *r);

/*
 * Take the next whole message: 1, or 0 when more bytes are needed, or -1 when the bytes break the
 * protocol. The payload is valid until the next call of relay_next or relay_fill; its length may
 * pass WIRE_MAX_PAYLOAD when it came in several frames.
 */
int relay_next(struct relay *r, struct wire_frame *message);

/* Queue one frame. LENGTH is at most WIRE_MAX_PAYLOAD. */
void relay_send(struct relay *r, enum wire_type type, uint32_t id, const void *payload,
                size_t length);
void relay_send_fields(struct relay *r, enum wire_type type, uint32_t id, struct wire_buf *fields);
void relay_send_u32(struct relay *r, enum wire_type type, uint32_t id, uint32_t value);

/*
 * Room for LENGTH bytes of payload at the end of the queue, for a read straight into it; NULL when
 * memory is short. relay_send_room() then makes a frame of the first LENGTH of them.
 */
uint8_t *relay_room(struct relay *r, size_t length);
void relay_send_room(struct relay *r, enum wire_type type, uint32_t id, size_t length);

static inline size_t relay_queued(const struct relay *r)
{
    return r->out_end - r->out_start;
}

/* Forget what is queued, or what came in: that peer has gone and another may come. */
void relay_drop_queue(struct relay *r);
void relay_drop_input(struct relay *r);

/* Write what the peer takes now. */
enum relay_state relay_flush(struct relay *r);

/* Wait for the next whole message, writing what is queued: as relay_next, but 0 when the peer is
 * gone. */
int relay_await(struct relay *r, struct wire_frame *message);

/* Write all that is queued, for at most MILLISECONDS. */
void relay_flush_within(struct relay *r, int milliseconds);

/* Block until something can be read, written (when something is queued), or the peer hangs up. */
void relay_wait(struct relay *r);

#endif
