/* The host's end of the relay against a guest that says and does anything. */
#include "session/relay.h"
#include "shared/wire.h"
#include "peer.h"

/* --- what a guest must not say --- */

static const struct {
    guint8 header[WIRE_HEADER];
    const char *message;
} bad_headers[] = {
#define BAD(type, flags, length)                                                                   \
    "the guest broke the relay's protocol: bad frame header (type " #type ", flags " #flags        \
    ", length " #length ")"
    {{0}, BAD(0, 0, 0)},
    {{7}, BAD(7, 0, 0)},
    {{15}, BAD(15, 0, 0)},
    {{29}, BAD(29, 0, 0)},
    {{31}, BAD(31, 0, 0)},
    {{63}, BAD(63, 0, 0)},
    {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, BAD(255, 255, 4294967295)},
    /* known, but the host's to say */
    {{WIRE_PLAN}, BAD(16, 0, 0)},
    {{WIRE_SPAWN}, BAD(17, 0, 0)},
    {{WIRE_SIGNAL, 0, 0, 0, 1, 0, 0, 0, 0}, BAD(18, 0, 0)},
    {{WIRE_SHUTDOWN}, BAD(19, 0, 0)},
    /* nothing from a guest goes on in a second frame */
    {{WIRE_DATA, WIRE_MORE, 0, 0, 5, 0, 0, 0, 0}, BAD(2, 1, 0)},
    {{WIRE_READY, WIRE_MORE}, BAD(32, 1, 0)},
    {{WIRE_DATA, 2}, BAD(2, 2, 0)},
    {{WIRE_DATA, 128}, BAD(2, 128, 0)},
    {{WIRE_DATA, 0, 1}, BAD(2, 0, 0)},
    {{WIRE_DATA, 0, 0, 1}, BAD(2, 0, 0)},
    /* one byte more than a payload may have, and the most that can be said */
    {{WIRE_DATA, 0, 0, 0, 5, 0, 0, 0, 1, 0, 1, 0}, BAD(2, 0, 65537)},
    {{WIRE_DATA, 0, 0, 0, 5, 0, 0, 0, 255, 255, 255, 255}, BAD(2, 0, 4294967295)},
#undef BAD
};

/* A good frame, the bad header, a good frame: one is delivered, and the end comes once. */
static void test_bad_headers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_headers); i++) {
        g_test_message("%s", bad_headers[i].message);
        g_autoptr(Peer) peer = peer_new();
        peer_frame_u32(peer, WIRE_HELLO, 0, 1);
        peer_send(peer, bad_headers[i].header, WIRE_HEADER);
        peer_frame_u32(peer, WIRE_HELLO, 0, 1);
        pump();
        g_assert_cmpstr(peer->frames->str, ==, "1:0:4 ");
        g_assert_cmpuint(peer->closed, ==, 1);
        g_assert_cmpstr(peer->reason, ==, bad_headers[i].message);
    }
}

/* What is sent to a relay that is over goes nowhere, however much it is. */
static void test_after_the_end(void)
{
    static const guint8 big[WIRE_MAX_PAYLOAD];
    g_autoptr(Peer) peer = peer_new();
    peer_send(peer, "garbage garbage", 15);
    pump();
    g_assert_cmpuint(peer->closed, ==, 1);
    for (int i = 0; i < 100; i++) {
        lsb_relay_send(peer->relay, WIRE_DATA, 4, big, sizeof big);
        memset(lsb_relay_reserve(peer->relay), 'x', WIRE_MAX_PAYLOAD);
        lsb_relay_commit(peer->relay, WIRE_DATA, 4, WIRE_MAX_PAYLOAD);
        g_assert_false(lsb_relay_full(peer->relay));
    }
    lsb_relay_fail(peer->relay, "again");
    pump();
    g_assert_cmpuint(peer->closed, ==, 1);
    g_assert_cmpuint(peer->drained, ==, 0);
}

/* Bytes by chance, and chance bytes behind good headers. */
static void test_random_bytes(void)
{
    enum { ROUNDS = 400, SEED = 7 };
    GRand *rand = g_rand_new_with_seed(SEED);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(Peer) peer = peer_new();
        for (int n = 0; n < 20; n++) {
            guint8 bytes[200];
            for (gsize i = 0; i < sizeof bytes; i++)
                bytes[i] = (guint8)g_rand_int_range(rand, 0, 256);
            if (round % 2)
                wire_header(bytes, (enum wire_type)g_rand_int_range(rand, 1, 37), 0,
                            g_rand_int(rand), (guint32)g_rand_int_range(rand, 0, 180));
            peer_send(peer, bytes, (gsize)g_rand_int_range(rand, 1, sizeof bytes));
        }
        peer_hang_up(peer);
        pump();
        g_assert_cmpuint(peer->closed, ==, 1);
    }
    g_rand_free(rand);
}

/* --- frames in pieces --- */

#define THREE_FRAMES "1:0:4 2:5:100 3:5:0 "

static GByteArray *three_frames(void)
{
    guint8 header[WIRE_HEADER], payload[100] = {1, 2, 3};
    GByteArray *all = g_byte_array_new();
    wire_header(header, WIRE_HELLO, 0, 0, 4);
    g_byte_array_append(all, header, sizeof header);
    g_byte_array_append(all, payload, 4);
    wire_header(header, WIRE_DATA, 0, 5, sizeof payload);
    g_byte_array_append(all, header, sizeof header);
    g_byte_array_append(all, payload, sizeof payload);
    wire_header(header, WIRE_EOF, 0, 5, 0);
    return g_byte_array_append(all, header, sizeof header);
}

static void test_split_everywhere(void)
{
    g_autoptr(GByteArray) all = three_frames();
    for (guint cut = 1; cut < all->len; cut++) {
        g_autoptr(Peer) peer = peer_new();
        peer_send(peer, all->data, cut);
        pump();
        peer_send(peer, all->data + cut, all->len - cut);
        pump();
        g_assert_cmpstr(peer->frames->str, ==, THREE_FRAMES);
        g_assert_cmpuint(peer->closed, ==, 0);
    }
}

static void test_byte_by_byte(void)
{
    g_autoptr(GByteArray) all = three_frames();
    g_autoptr(Peer) peer = peer_new();
    for (guint i = 0; i < all->len; i++) {
        peer_send(peer, all->data + i, 1);
        pump();
    }
    g_assert_cmpstr(peer->frames->str, ==, THREE_FRAMES);
}

static void test_cut_off(void)
{
    g_autoptr(GByteArray) all = three_frames();
    for (guint cut = 0; cut <= all->len; cut++) {
        g_autoptr(Peer) peer = peer_new();
        peer_send(peer, all->data, cut);
        peer_hang_up(peer);
        pump();
        g_assert_true(g_str_has_prefix(THREE_FRAMES, peer->frames->str));
        g_assert_cmpuint(peer->closed, ==, 1);
        g_assert_null(peer->reason);
        if (cut == all->len)
            g_assert_cmpstr(peer->frames->str, ==, THREE_FRAMES);
    }
}

/* More than the reader's buffer, in frames of every size that could sit badly in it. */
static void test_large_frames(void)
{
    static guint8 payload[WIRE_MAX_PAYLOAD];
    static const gsize sizes[] = {
        WIRE_MAX_PAYLOAD, 1, WIRE_MAX_PAYLOAD - 1, 0, WIRE_MAX_PAYLOAD, 40000, 65535};
    g_autoptr(Peer) peer = peer_new();
    guint64 sent = 0;
    memset(payload, 1, sizeof payload);
    for (int i = 0; i < 200; i++) {
        gsize size = sizes[(gsize)i % G_N_ELEMENTS(sizes)];
        peer_frame(peer, WIRE_DATA, 5, payload, size);
        sent += size;
    }
    pump();
    g_assert_cmpuint(peer->bytes, ==, sent);
    g_assert_cmpuint(peer->sum, ==, sent);
    g_assert_cmpuint(peer->closed, ==, 0);
}

/* --- sending --- */

static void test_messages(void)
{
    g_autofree guint8 *long_message = g_malloc0(200000);
    g_autoptr(Peer) peer = peer_new();
    lsb_relay_send(peer->relay, WIRE_SHUTDOWN, 0, NULL, 0);
    lsb_relay_send(peer->relay, WIRE_SPAWN, 7, long_message, 200000);
    lsb_relay_send(peer->relay, WIRE_SPAWN, 8, long_message, WIRE_MAX_PAYLOAD);
    lsb_relay_send(peer->relay, WIRE_SPAWN, 9, long_message, WIRE_MAX_PAYLOAD + 1);
    lsb_relay_send_u32(peer->relay, WIRE_SIGNAL, 7, 9);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==,
                    "19:0:0 17:7:65536+ 17:7:65536+ 17:7:65536+ 17:7:3392 17:8:65536 17:9:65536+ "
                    "17:9:1 18:7:4 ");
    g_assert_cmpmem(peer->in->data + peer->in->len - 4, 4, "\x09\0\0\0", 4);
}

static void test_reserve(void)
{
    g_autoptr(Peer) peer = peer_new();
    memcpy(lsb_relay_reserve(peer->relay), "hello", 5);
    lsb_relay_commit(peer->relay, WIRE_DATA, 4, 5);
    lsb_relay_reserve(peer->relay);
    lsb_relay_commit(peer->relay, WIRE_DATA, 4, 0);
    memset(lsb_relay_reserve(peer->relay), 'x', WIRE_MAX_PAYLOAD);
    lsb_relay_commit(peer->relay, WIRE_DATA, 4, WIRE_MAX_PAYLOAD);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "2:4:5 2:4:65536 ");
    g_assert_cmpmem(peer->in->data + WIRE_HEADER, 5, "hello", 5);
}

/* Numbered payloads until the queue is full; returns the next number. */
static guint32 fill(Peer *peer, guint32 number)
{
    static guint32 payload[WIRE_MAX_PAYLOAD / sizeof(guint32)];
    for (int frames = 0; !lsb_relay_full(peer->relay); frames++) {
        g_assert_cmpint(frames, <, 1000);
        for (gsize i = 0; i < G_N_ELEMENTS(payload); i++)
            payload[i] = number++;
        lsb_relay_send(peer->relay, WIRE_DATA, 4, payload, sizeof payload);
    }
    return number;
}

static guint32 check_numbers(Peer *peer, guint32 number)
{
    struct wire_frame frame;
    while (peer_next(peer, &frame))
        for (guint32 at = 0; at < frame.length; at += sizeof number, number++)
            g_assert_cmpmem(frame.payload + at, sizeof number, &number, sizeof number);
    return number;
}

static void test_full_and_drained(void)
{
    g_autoptr(Peer) peer = peer_new();
    guint32 sent = 0, seen = 0;
    for (guint turn = 1; turn <= 3; turn++) {
        sent = fill(peer, sent);
        pump();
        g_assert_cmpuint(peer->drained, ==, turn - 1);
        g_assert_true(lsb_relay_full(peer->relay));
        seen = check_numbers(peer, seen);
        g_assert_cmpuint(peer->drained, ==, turn);
        g_assert_false(lsb_relay_full(peer->relay));
        g_assert_cmpuint(seen, ==, sent);
    }
}

static void send_more(Peer *peer)
{
    static const guint8 more[WIRE_MAX_PAYLOAD];
    if (peer->drained <= 5)
        while (!lsb_relay_full(peer->relay))
            lsb_relay_send(peer->relay, WIRE_DATA, 4, more, sizeof more);
}

/* A sender that goes on in the very event that says it may. */
static void test_sending_in_drained(void)
{
    g_autoptr(Peer) peer = peer_new();
    peer->in_drained = send_more;
    send_more(peer);
    peer_read(peer);
    g_assert_cmpuint(peer->drained, ==, 6);
    g_assert_cmpuint(peer->in->len, >, (16 + 5) * WIRE_MAX_PAYLOAD);
    g_assert_cmpuint(peer->in->len % (WIRE_HEADER + WIRE_MAX_PAYLOAD), ==, 0);
}

/*
 * A guest that shuts only its reading side made every write fail while no read ever did: the queue
 * grew with each message, and nobody was told.
 */
static void test_guest_stops_reading(void)
{
    static const guint8 big[WIRE_MAX_PAYLOAD];
    g_autoptr(Peer) peer = peer_new();
    peer_frame_u32(peer, WIRE_HELLO, 0, 1);
    g_assert_cmpint(shutdown(peer->fd, SHUT_RD), ==, 0);
    for (int i = 0; i < 100; i++)
        lsb_relay_send(peer->relay, WIRE_DATA, 4, big, sizeof big);
    g_assert_false(lsb_relay_full(peer->relay));
    pump();
    g_assert_cmpstr(peer->frames->str, ==, "1:0:4 ");
    g_assert_cmpuint(peer->closed, ==, 1);
    g_assert_null(peer->reason);
}

static void test_full_queue_and_hang_up(void)
{
    g_autoptr(Peer) peer = peer_new();
    fill(peer, 0);
    peer_hang_up(peer);
    pump();
    g_assert_cmpuint(peer->closed, ==, 1);
}

/* --- ending from inside --- */

static void free_relay(Peer *peer)
{
    g_clear_pointer(&peer->relay, lsb_relay_free);
}

static void fail_relay(Peer *peer)
{
    lsb_relay_fail(peer->relay, "enough of %s", "this");
}

static void test_free_in_frame(void)
{
    g_autoptr(Peer) peer = peer_new();
    peer->in_frame = free_relay;
    peer_frame_u32(peer, WIRE_HELLO, 0, 1);
    peer_frame_u32(peer, WIRE_HELLO, 0, 1);
    pump();
    g_assert_cmpstr(peer->frames->str, ==, "1:0:4 ");
    g_assert_cmpuint(peer->closed, ==, 0); /* who frees it needs no word about it */
}

static void test_free_in_closed(void)
{
    g_autoptr(Peer) hung_up = peer_new();
    hung_up->in_closed = free_relay;
    peer_hang_up(hung_up);
    pump();
    g_assert_cmpuint(hung_up->closed, ==, 1);
    g_autoptr(Peer) garbage = peer_new();
    garbage->in_closed = free_relay;
    peer_send(garbage, "garbage garbage", 15);
    pump();
    g_assert_cmpuint(garbage->closed, ==, 1);
    g_assert_null(garbage->relay);
}

static void test_free_in_drained(void)
{
    g_autoptr(Peer) peer = peer_new();
    peer->in_drained = free_relay;
    fill(peer, 0);
    peer_read(peer);
    g_assert_cmpuint(peer->drained, ==, 1);
    g_assert_null(peer->relay);
}

static void test_fail_in_frame(void)
{
    g_autoptr(Peer) peer = peer_new();
    peer->in_frame = fail_relay;
    peer->in_closed = free_relay;
    peer_frame_u32(peer, WIRE_HELLO, 0, 1);
    peer_frame_u32(peer, WIRE_HELLO, 0, 1);
    pump();
    g_assert_cmpstr(peer->frames->str, ==, "1:0:4 ");
    g_assert_cmpstr(peer->reason, ==, "the guest broke the relay's protocol: enough of this");
}

static void test_free_nothing(void)
{
    lsb_relay_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    guint descriptors = open_descriptors();
    g_test_add_func("/relay/bad-headers", test_bad_headers);
    g_test_add_func("/relay/after-the-end", test_after_the_end);
    g_test_add_func("/relay/random-bytes", test_random_bytes);
    g_test_add_func("/relay/split-everywhere", test_split_everywhere);
    g_test_add_func("/relay/byte-by-byte", test_byte_by_byte);
    g_test_add_func("/relay/cut-off", test_cut_off);
    g_test_add_func("/relay/large-frames", test_large_frames);
    g_test_add_func("/relay/messages", test_messages);
    g_test_add_func("/relay/reserve", test_reserve);
    g_test_add_func("/relay/full-and-drained", test_full_and_drained);
    g_test_add_func("/relay/sending-in-drained", test_sending_in_drained);
    g_test_add_func("/relay/guest-stops-reading", test_guest_stops_reading);
    g_test_add_func("/relay/full-queue-and-hang-up", test_full_queue_and_hang_up);
    g_test_add_func("/relay/free-in-frame", test_free_in_frame);
    g_test_add_func("/relay/free-in-closed", test_free_in_closed);
    g_test_add_func("/relay/free-in-drained", test_free_in_drained);
    g_test_add_func("/relay/fail-in-frame", test_fail_in_frame);
    g_test_add_func("/relay/free-nothing", test_free_nothing);
    int result = g_test_run();
    pump();
    /* GLib's main context keeps one for itself */
    g_assert_cmpuint(open_descriptors(), <=, descriptors + 1);
    return result;
}
