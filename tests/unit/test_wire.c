/*
 * The relay's wire format (shared/wire.c), with libc only and TAP on standard output.
 * Build: cc -iquote . tests/unit/test_wire.c shared/wire.c
 */
#include "shared/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests, failures;

static void check(bool good, const char *name)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
    failures += !good;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

/* --- frames --- */

static const enum wire_type types[] = {
    WIRE_HELLO,   WIRE_DATA,    WIRE_EOF,    WIRE_CREDIT,    WIRE_CLOSE,
    WIRE_TIME,    WIRE_PLAN,    WIRE_SPAWN,  WIRE_SIGNAL,    WIRE_SHUTDOWN,
    WIRE_RESIZE,  WIRE_FRESHEN, WIRE_DETACH, WIRE_READY,     WIRE_FAILED,
    WIRE_STARTED, WIRE_EXIT,    WIRE_BYE,    WIRE_FRESHENED, WIRE_DETACHED,
    WIRE_DRAINED,
};

static bool is_type(int value)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if ((int)types[i] == value)
            return true;
    return false;
}

/*
 * Make a frame of LENGTH payload bytes in memory of its own, so that a sanitizer sees reads past
 * its end.
 */
static uint8_t *make_frame(enum wire_type type, uint8_t flags, uint32_t id, uint32_t length)
{
    uint8_t *frame = malloc(WIRE_HEADER + (size_t)length);
    wire_header(frame, type, flags, id, length);
    for (uint32_t i = 0; i < length; i++)
        frame[WIRE_HEADER + i] = (uint8_t)(i * 7 + type);
    return frame;
}

static bool round_trips(enum wire_type type, uint8_t flags, uint32_t id, uint32_t length)
{
    uint8_t *bytes = make_frame(type, flags, id, length);
    struct wire_frame f;
    long used = wire_parse(bytes, WIRE_HEADER + (size_t)length, &f);
    bool good = used == (long)(WIRE_HEADER + length) && f.type == type && f.flags == flags &&
                f.id == id && f.length == length && f.payload == bytes + WIRE_HEADER;
    free(bytes);
    return good;
}

static void test_round_trips(void)
{
    static const uint32_t ids[] = {0, 1, 5, 0x01020304, UINT32_MAX};
    static const uint32_t lengths[] = {0, 1, 255, 256, WIRE_MAX_PAYLOAD - 1, WIRE_MAX_PAYLOAD};
    bool good = true;
    for (size_t t = 0; t < ARRAY_SIZE(types); t++)
        for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
            for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
                good = good && round_trips(types[t], 0, ids[i], lengths[l]) &&
                       round_trips(types[t], WIRE_MORE, ids[i], lengths[l]);
    check(good, "every type, with and without WIRE_MORE, comes back as it was written");
}

static void test_byte_order(void)
{
    static const uint8_t expected[WIRE_HEADER] = {2, 1, 0, 0, 4, 3, 2, 1, 0x78, 0x56, 0, 0};
    uint8_t header[WIRE_HEADER];
    wire_header(header, WIRE_DATA, WIRE_MORE, 0x01020304, 0x5678);
    check(memcmp(header, expected, sizeof header) == 0,
          "a header is little-endian on every machine");
}

/* Each prefix is copied to memory of exactly its size. */
static bool prefixes_want_more(uint32_t length)
{
    uint8_t *bytes = make_frame(WIRE_DATA, 0, 9, length);
    bool good = true;
    for (size_t n = 0; n < WIRE_HEADER + (size_t)length; n++) {
        uint8_t *prefix = malloc(n ? n : 1);
        struct wire_frame f;
        memcpy(prefix, bytes, n);
        good = good && wire_parse(prefix, n, &f) == 0;
        free(prefix);
    }
    free(bytes);
    return good;
}

static void test_truncation(void)
{
    check(prefixes_want_more(0), "every truncation of an empty frame asks for more");
    check(prefixes_want_more(300), "every truncation of a frame with a payload asks for more");
}

static void test_two_frames(void)
{
    uint8_t bytes[2 * WIRE_HEADER + 3];
    struct wire_frame f;
    wire_header(bytes, WIRE_DATA, 0, 6, 3);
    memcpy(bytes + WIRE_HEADER, "abc", 3);
    wire_header(bytes + WIRE_HEADER + 3, WIRE_EOF, 0, 6, 0);
    long used = wire_parse(bytes, sizeof bytes, &f);
    bool good = used == WIRE_HEADER + 3 && f.type == WIRE_DATA && memcmp(f.payload, "abc", 3) == 0;
    used = wire_parse(bytes + used, sizeof bytes - (size_t)used, &f);
    check(good && used == WIRE_HEADER && f.type == WIRE_EOF,
          "two frames in a row are taken one by one");
}

static void test_bad_types(void)
{
    bool good = true;
    for (int type = 0; type < 256; type++) {
        uint8_t header[WIRE_HEADER];
        struct wire_frame f;
        wire_header(header, (enum wire_type)type, 0, 0, 0);
        good = good && wire_parse(header, sizeof header, &f) == (is_type(type) ? WIRE_HEADER : -1);
    }
    check(good, "a type that is not in the list is no frame");
}

static long parse_changed(size_t at, uint8_t value)
{
    uint8_t header[WIRE_HEADER];
    struct wire_frame f;
    wire_header(header, WIRE_DATA, 0, 4, 0);
    header[at] = value;
    return wire_parse(header, sizeof header, &f);
}

static void test_bad_headers(void)
{
    bool flags = true, reserved = true;
    for (int v = 1; v < 256; v++) {
        flags = flags && parse_changed(1, (uint8_t)v) == (v == WIRE_MORE ? WIRE_HEADER : -1);
        reserved =
            reserved && parse_changed(2, (uint8_t)v) == -1 && parse_changed(3, (uint8_t)v) == -1;
    }
    check(flags, "an unknown flag is no frame");
    check(reserved, "a reserved byte that is not zero is no frame");
}

static void test_bad_lengths(void)
{
    static const uint32_t lengths[] = {
        WIRE_MAX_PAYLOAD + 1,         0x10000000, 0x7fffffff, 0x80000000,
        UINT32_MAX - WIRE_HEADER + 1, UINT32_MAX};
    bool good = true;
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        uint8_t header[WIRE_HEADER];
        struct wire_frame f;
        wire_header(header, WIRE_DATA, 0, 4, lengths[i]);
        good = good && wire_parse(header, sizeof header, &f) == -1;
    }
    check(good, "a payload that is too long is refused as soon as the header is there");
}

static void test_stream_ids(void)
{
    bool good = true;
    static const uint32_t programs[] = {1, 2, 77, WIRE_MAX_PROGRAM};
    for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
        for (int s = WIRE_STDIN; s <= WIRE_STDERR; s++) {
            uint32_t id = wire_stream_id(programs[i], (enum wire_stream)s);
            good = good && wire_program_of(id) == programs[i] && (int)wire_stream_of(id) == s;
        }
    check(good, "a stream id gives back its program and stream");
}

/* --- fields --- */

static struct wire_reader reader_of(const void *data, size_t len)
{
    const uint8_t *at = data;
    return (struct wire_reader){.at = at, .end = at + len};
}

static void put_sample(struct wire_buf *b)
{
    wire_put_u32(b, 0xdeadbeef);
    wire_put_u64(b, 0x0123456789abcdefULL);
    wire_put_str(b, "h\xc3\xa9llo");
    wire_put_str(b, "");
    wire_put_data(b, "a\0b", 3);
    wire_put_bytes(b, "xyz", 3);
}

/* Reads the sample as it was put; the result is whether all of it was there and right. */
static bool sample_reads(struct wire_reader *r)
{
    size_t len = 0;
    bool good = wire_get_u32(r) == 0xdeadbeef;
    good = wire_get_u64(r) == 0x0123456789abcdefULL && good;
    char *word = wire_get_str(r), *empty = wire_get_str(r);
    const uint8_t *data = wire_get_data(r, &len);
    good = good && word && strcmp(word, "h\xc3\xa9llo") == 0 && empty && !*empty;
    good = good && data && len == 3 && memcmp(data, "a\0b", 3) == 0;
    good = good && r->end - r->at == 3 && memcmp(r->at, "xyz", 3) == 0;
    free(word);
    free(empty);
    return good && !r->failed;
}

static void test_fields(void)
{
    struct wire_buf b = {0};
    put_sample(&b);
    struct wire_reader r = reader_of(b.data, b.len);
    check(!b.failed && sample_reads(&r), "fields come back in order");
    bool good = true;
    for (size_t n = 0; n < b.len - 3; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, b.data, n);
        r = reader_of(cut, n);
        good = good && !sample_reads(&r) && r.failed;
        free(cut);
    }
    check(good, "every truncation of the fields makes the reader fail");
    wire_buf_clear(&b);
    check(!b.data && !b.len && !b.cap && !b.failed, "a cleared buffer is empty");
}

static void test_failure_stays(void)
{
    static const uint8_t bytes[] = {1, 0, 0, 0, 2, 0, 0, 0};
    struct wire_reader r = reader_of(bytes, sizeof bytes);
    size_t len = 9;
    wire_get_u32(&r);
    bool good = wire_get_u64(&r) == 0 && r.failed;
    good = good && wire_get_u32(&r) == 0 && r.failed; /* 4 bytes are left, but it is too late */
    good = good && !wire_get_data(&r, &len) && len == 0 && !wire_get_str(&r) && r.failed;
    check(good, "after the first failure the reader gives nothing more");
}

/* A length field of LENGTH with HAVE bytes behind it. */
static bool data_refused(uint32_t length, size_t have)
{
    struct wire_buf b = {0};
    size_t len = 1;
    wire_put_u32(&b, length);
    for (size_t i = 0; i < have; i++)
        wire_put_bytes(&b, "x", 1);
    struct wire_reader r = reader_of(b.data, b.len);
    bool good = !wire_get_data(&r, &len) && len == 0 && r.failed;
    r = reader_of(b.data, b.len);
    good = good && !wire_get_str(&r) && r.failed;
    wire_buf_clear(&b);
    return good;
}

static void test_hostile_lengths(void)
{
    bool good = data_refused(1, 0) && data_refused(5, 4) && data_refused(0x7fffffff, 4) &&
                data_refused(0x80000000, 4) && data_refused(UINT32_MAX - 3, 4) &&
                data_refused(UINT32_MAX, 8);
    check(good, "a length that the message cannot hold is refused, however big");
}

static void test_strings(void)
{
    struct wire_buf b = {0};
    wire_put_data(&b, "a\0b", 3);
    struct wire_reader r = reader_of(b.data, b.len);
    check(!wire_get_str(&r) && r.failed, "a string with a NUL byte in it is refused");
    wire_buf_clear(&b);
}

static void test_empty_reader(void)
{
    struct wire_reader r = reader_of("", 0);
    size_t len = 1;
    check(!wire_get_data(&r, &len) && len == 0 && r.failed, "nothing can be read from nothing");
}

static void test_empty_data(void)
{
    struct wire_buf b = {0};
    size_t len = 1;
    wire_put_data(&b, NULL, 0);
    struct wire_reader r = reader_of(b.data, b.len);
    check(wire_get_data(&r, &len) && len == 0 && !r.failed && b.len == 4, "empty data are data");
    wire_buf_clear(&b);
}

/* --- limits of a message --- */

static void test_message_limit(void)
{
    struct wire_buf b = {0};
    uint8_t *block = calloc(1, WIRE_MAX_PAYLOAD);
    for (size_t n = 0; n < WIRE_MAX_MESSAGE; n += WIRE_MAX_PAYLOAD)
        wire_put_bytes(&b, block, WIRE_MAX_PAYLOAD);
    check(!b.failed && b.len == WIRE_MAX_MESSAGE, "a message may be WIRE_MAX_MESSAGE long");
    wire_put_bytes(&b, block, 0);
    check(!b.failed, "nothing more may be put to it");
    wire_put_bytes(&b, block, 1);
    check(b.failed && b.len == WIRE_MAX_MESSAGE, "one byte more fails and adds nothing");
    wire_buf_clear(&b);
    wire_put_u32(&b, 7);
    check(!b.failed && b.len == 4, "after clearing it works again");
    wire_buf_clear(&b);
    free(block);
}

static void test_put_after_failure(void)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, 1);
    wire_put_data(&b, "", (size_t)WIRE_MAX_MESSAGE + 1); /* too long: not even looked at */
    bool good = b.failed && b.len == 4;
    wire_put_u32(&b, 2);
    wire_put_str(&b, "x");
    check(good && b.failed && b.len == 4, "after a failure nothing is put any more");
    wire_buf_clear(&b);
}

int main(void)
{
    test_round_trips();
    test_byte_order();
    test_truncation();
    test_two_frames();
    test_bad_types();
    test_bad_headers();
    test_bad_lengths();
    test_stream_ids();
    test_fields();
    test_failure_stays();
    test_hostile_lengths();
    test_strings();
    test_empty_reader();
    test_empty_data();
    test_message_limit();
    test_put_after_failure();
    printf("1..%d\n", tests);
    return failures != 0;
}
