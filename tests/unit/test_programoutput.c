/*
 * What a program writes: read by its owner, captured, or passed on to a descriptor; and the credit
 * that the guest gets for it.
 */
#include <fcntl.h>

#include "session/program.h"
#include "session/programoutput.h"
#include "shared/units.h"
#include "shared/wire.h"
#include "guest.h"

/* --- piped output --- */

static void test_credit_of_pipe(void)
{
    g_autoptr(Peer) peer = run_piped();
    say(peer, "data 1 524288");
    gsize len;
    lsb_program_peek(peer->program, WIRE_STDOUT, &len);
    g_assert_cmpuint(len, ==, WIRE_WINDOW);
    g_autofree char *nothing = peer_sent(peer);
    g_assert_cmpstr(nothing, ==, ""); /* unread bytes are not granted anew */
    lsb_program_consume(peer->program, WIRE_STDOUT, 100 * KiB);
    g_autofree char *too_little = peer_sent(peer);
    g_assert_cmpstr(too_little, ==, "");
    lsb_program_consume(peer->program, WIRE_STDOUT, 28 * KiB);
    g_autofree char *credit = peer_sent(peer);
    g_assert_cmpstr(credit, ==, "4:29:4 ");
    g_assert_cmpmem(peer->in->data + peer->in->len - 4, 4, "\0\0\2\0", 4); /* 128 KiB */
    say(peer, "data 1 131072");
    g_assert_cmpuint(peer->closed, ==, 0);
    say(peer, "data 1 1");
    g_assert_cmpuint(peer->closed, ==, 1);
}

/* A stream that nobody reads does not keep another one from its bytes. */
static void test_streams_are_apart(void)
{
    g_autoptr(Peer) peer = run_piped();
    say(peer, "data 1 524288");
    for (int i = 0; i < 20; i++) {
        say(peer, "data 2 131072");
        lsb_program_consume(peer->program, WIRE_STDERR, 128 * KiB);
    }
    g_assert_cmpuint(peer->closed, ==, 0);
}

static void test_close_output(void)
{
    g_autoptr(Peer) peer = run_piped();
    say(peer, "data 1 100");
    lsb_program_close_output(peer->program, WIRE_STDOUT);
    lsb_program_close_output(peer->program, WIRE_STDOUT);
    say(peer, "data 1 5000"); /* sent before the guest saw it */
    gsize len;
    lsb_program_peek(peer->program, WIRE_STDOUT, &len);
    g_assert_cmpuint(len, ==, 0);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "5:29:0 ");
    say(peer, "eof 1; eof 2; exit 0 0");
    g_assert_true(lsb_program_finished(peer->program));
    g_autoptr(Peer) ended = run_piped();
    say(ended, "eof 1");
    lsb_program_close_output(ended->program, WIRE_STDOUT);
    g_autofree char *none = peer_sent(ended);
    g_assert_cmpstr(none, ==, "");
}

/* --- captured output --- */

static void test_capture_limit(void)
{
    g_autoptr(Peer) peer = run("{\"a\", stdin = \"null\"}", LSB_OUTPUT_CAPTURE);
    say(peer, "data 1 999; data 1 1; data 2 1000");
    g_assert_false(lsb_program_truncated(peer->program, WIRE_STDOUT));
    g_autofree char *nothing = peer_sent(peer);
    g_assert_cmpstr(nothing, ==, "");
    say(peer, "data 1 1; data 1 70000; data 1 70000");
    g_assert_true(lsb_program_truncated(peer->program, WIRE_STDOUT));
    g_assert_false(lsb_program_truncated(peer->program, WIRE_STDERR));
    gsize len;
    lsb_program_peek(peer->program, WIRE_STDOUT, &len);
    g_assert_cmpuint(len, ==, 1000);
    g_autofree char *sent =
        peer_sent(peer); /* one SIGKILL; credit goes on, so that the program's end can come */
    g_assert_cmpstr(sent, ==, "18:7:4 4:29:4 ");
    say(peer, "eof 1; eof 2; exit 1 9");
    check_end(peer, LSB_END_SIGNALED, 9, NULL);
}

/* --- output to a descriptor --- */

static Peer *run_to(int fd)
{
    LsbOutputTarget target = {.fd = fd, .mode = LSB_OUTPUT_FD}, none = {.mode = LSB_OUTPUT_NULL};
    return run_full("{\"a\", stdin = \"null\"}", -1, target, none);
}

static guint64 read_numbers(int fd, guint32 *number)
{
    guint64 total = 0;
    guint32 numbers[4096];
    ssize_t n;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (;; pump()) {
        n = read(fd, numbers, sizeof numbers);
        if (n <= 0)
            return total;
        g_assert_cmpint(n % (ssize_t)sizeof *numbers, ==, 0);
        for (gsize i = 0; i < (gsize)n / sizeof *numbers; i++, (*number)++)
            g_assert_cmpuint(numbers[i], ==, *number);
        total += (guint64)n;
    }
}

/* Nobody reads the pipe: the guest is not granted more than the pipe and one window hold. */
static void test_slow_pipe(void)
{
    Pipe p = pipe_new();
    g_autoptr(Peer) peer = run_to(p.write);
    guint64 credit = WIRE_WINDOW;
    guint32 sent_number = 0, read_number = 0;
    guint64 sent = say_numbers(peer, &credit, &sent_number);
    guint64 capacity = (guint64)fcntl(p.read, F_GETPIPE_SZ);
    g_assert_cmpuint(sent, <=, capacity + WIRE_WINDOW);
    g_assert_cmpuint(sent, >=, capacity);
    say(peer, "exit 0 0");
    g_assert_false(lsb_program_settled(peer->program)); /* its last bytes are still to be written */
    g_assert_cmpuint(read_numbers(p.read, &read_number), ==, sent);
    g_assert_true(lsb_program_settled(peer->program));
    g_assert_cmpuint(peer->closed, ==, 0);
    struct wire_frame frame;
    g_assert_true(peer_next(peer, &frame)); /* and the guest may go on */
    g_assert_cmpuint(frame.type, ==, WIRE_CREDIT);
    pipe_close(&p);
}

/* The sandbox is gone, but what had come from it before is still written. */
static void test_slow_pipe_of_lost(void)
{
    Pipe p = pipe_new();
    g_autoptr(Peer) peer = run_to(p.write);
    guint64 credit = WIRE_WINDOW;
    guint32 sent_number = 0, read_number = 0;
    guint64 sent = say_numbers(peer, &credit, &sent_number);
    peer_hang_up(peer);
    pump();
    g_assert_false(lsb_program_settled(peer->program));
    g_assert_cmpuint(read_numbers(p.read, &read_number), ==, sent);
    g_assert_true(lsb_program_settled(peer->program));
    pipe_close(&p);
}

/* SIGPIPE has its default action here: were it raised, this test program would die. */
static void check_closed_pipe(Pipe *p)
{
    g_autoptr(Peer) peer = run_to(p->write);
    close(p->read);
    p->read = -1;
    say(peer, "data 1 1000");
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "5:29:0 ");
    say(peer, "data 1 1000; data 1 70000; eof 1; exit 1 13");
    g_assert_cmpuint(peer->closed, ==, 0);
    g_autofree char *no_more = peer_sent(peer);
    g_assert_cmpstr(no_more, ==, "");
    g_assert_true(lsb_program_settled(peer->program) && lsb_program_finished(peer->program));
    sigset_t pending;
    sigpending(&pending);
    g_assert_false(sigismember(&pending, SIGPIPE));
    pipe_close(p);
}

static void test_closed_pipe(void)
{
    Pipe p = pipe_new();
    check_closed_pipe(&p);
    int ends[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    Pipe s = {ends[0], ends[1]};
    check_closed_pipe(&s);
}

/* The reader goes away while bytes wait for room. */
static void test_pipe_closed_later(void)
{
    Pipe p = pipe_new();
    g_autoptr(Peer) peer = run_to(p.write);
    guint64 credit = WIRE_WINDOW;
    guint32 number = 0;
    say_numbers(peer, &credit, &number);
    close(p.read);
    p.read = -1;
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "5:29:0 ");
    say(peer, "eof 1; exit 1 13");
    g_assert_true(lsb_program_settled(peer->program));
    pipe_close(&p);
}

/* O_NONBLOCK belongs to the open file, which our caller and its shell share. */
static void test_flags_of_caller(void)
{
    Pipe p = pipe_new();
    int before = fcntl(p.write, F_GETFL);
    g_autoptr(Peer) peer = run_to(p.write);
    say(peer, "data 1 1000");
    g_assert_cmpint(fcntl(p.write, F_GETFL), ==, before);
    g_assert_false(before & O_NONBLOCK);
    pipe_close(&p);
}

int main(int argc, char **argv)
{
    static const ProgramTest tests[] = {
        {"/output/credit-of-pipe", test_credit_of_pipe},
        {"/output/streams-are-apart", test_streams_are_apart},
        {"/output/close", test_close_output},
        {"/output/capture-limit", test_capture_limit},
        {"/output/slow-pipe", test_slow_pipe},
        {"/output/slow-pipe-of-lost", test_slow_pipe_of_lost},
        {"/output/closed-pipe", test_closed_pipe},
        {"/output/pipe-closed-later", test_pipe_closed_later},
        {"/output/flags-of-caller", test_flags_of_caller},
    };
    g_test_init(&argc, &argv, NULL);
    return run_tests(tests, G_N_ELEMENTS(tests));
}
