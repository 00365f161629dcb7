/* The relay's wire format: frames, and the fields of their payloads. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static void put_le(uint8_t *out, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *in, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)in[i] << (8 * i);
    return v;
}

static bool known_type(uint8_t type)
{
    return (type >= WIRE_HELLO && type <= WIRE_TIME) ||
           (type >= WIRE_PLAN && type <= WIRE_DETACH) ||
           (type >= WIRE_READY && type <= WIRE_DRAINED);
}

long wire_parse(const uint8_t *buf, size_t len, struct wire_frame *frame)
{
    if (len < WIRE_HEADER)
        return 0;
    frame->type = buf[0];
    frame->flags = buf[1];
    frame->id = (uint32_t)get_le(buf + 4, 4);
    frame->length = (uint32_t)get_le(buf + 8, 4);
    frame->payload = buf + WIRE_HEADER;
    if (!known_type(frame->type) || (frame->flags & ~WIRE_MORE) || buf[2] || buf[3] ||
        frame->length > WIRE_MAX_PAYLOAD)
        return -1;
    size_t whole = WIRE_HEADER + (size_t)frame->length;
    return len < whole ? 0 : (long)whole;
}

void wire_header(uint8_t *out, enum wire_type type, uint8_t flags, uint32_t id, uint32_t length)
{
    put_le(out, type, 1);
    put_le(out + 1, flags, 1);
    put_le(out + 2, 0, 2);
    put_le(out + 4, id, 4);
    put_le(out + 8, length, 4);
}

static uint8_t *append_room(struct wire_buf *b, size_t more)
{
    if (b->failed || more > WIRE_MAX_MESSAGE - b->len) {
        b->failed = true;
        return NULL;
    }
    if (b->len + more > b->cap) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < b->len + more)
            cap *= 2;
        uint8_t *data = realloc(b->data, cap);
        if (!data) {
            b->failed = true;
            return NULL;
        }
        b->data = data;
        b->cap = cap;
    }
    uint8_t *at = b->data + b->len;
    b->len += more;
    return at;
}

void wire_put_u32(struct wire_buf *b, uint32_t v)
{
    uint8_t *at = append_room(b, 4);
    if (at)
        put_le(at, v, 4);
}

void wire_put_u64(struct wire_buf *b, uint64_t v)
{
    uint8_t *at = append_room(b, 8);
    if (at)
        put_le(at, v, 8);
}

void wire_put_bytes(struct wire_buf *b, const void *data, size_t len)
{
    uint8_t *at = append_room(b, len);
    if (at && len)
        memcpy(at, data, len);
}

void wire_put_data(struct wire_buf *b, const void *data, size_t len)
{
    if (len > WIRE_MAX_MESSAGE) {
        b->failed = true;
        return;
    }
    wire_put_u32(b, (uint32_t)len);
    wire_put_bytes(b, data, len);
}

void wire_put_str(struct wire_buf *b, const char *s)
{
    wire_put_data(b, s, strlen(s));
}

void wire_buf_clear(struct wire_buf *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

static const uint8_t *reader_bytes(struct wire_reader *r, size_t n)
{
    if (r->failed || (size_t)(r->end - r->at) < n) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += n;
    return at;
}

uint32_t wire_get_u32(struct wire_reader *r)
{
    const uint8_t *at = reader_bytes(r, 4);
    return at ? (uint32_t)get_le(at, 4) : 0;
}

uint64_t wire_get_u64(struct wire_reader *r)
{
    const uint8_t *at = reader_bytes(r, 8);
    return at ? get_le(at, 8) : 0;
}

const uint8_t *wire_get_data(struct wire_reader *r, size_t *len)
{
    uint32_t n = wire_get_u32(r);
    const uint8_t *at = reader_bytes(r, n);
    *len = at ? n : 0;
    return at;
}

char *wire_get_str(struct wire_reader *r)
{
    size_t len;
    const uint8_t *at = wire_get_data(r, &len);
    if (!at || memchr(at, 0, len)) {
        r->failed = true;
        return NULL;
    }
    char *s = malloc(len + 1);
    if (!s) {
        r->failed = true;
        return NULL;
    }
    memcpy(s, at, len);
    s[len] = 0;
    return s;
}
