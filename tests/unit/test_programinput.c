/*
 * What a program reads: written by its owner, given with the request, or from a descriptor.
 */
#include <fcntl.h>

#include "session/program.h"
#include "session/programinput.h"
#include "session/relay.h"
#include "shared/units.h"
#include "shared/wire.h"
#include "guest.h"

/* --- stdin --- */

#define FULL_WINDOW                                                                                \
    "2:28:65536 2:28:65536 2:28:65536 2:28:65536 2:28:65536 2:28:65536 2:28:65536 2:28:65536 "

static void test_written_stdin(void)
{
    g_autofree char *data = g_strnfill(900 * KiB, 'x');
    g_autoptr(Peer) peer = run_piped();
    g_assert_true(lsb_program_writable(peer->program));
    g_assert_true(lsb_program_write(peer->program, data, 900 * KiB));
    g_assert_false(lsb_program_writable(peer->program)); /* 388 KiB wait for credit */
    g_autofree char *first = peer_sent(peer);
    g_assert_cmpstr(first, ==, FULL_WINDOW);
    say(peer, "credit 0 200000");
    g_assert_true(lsb_program_writable(peer->program));
    g_autofree char *second = peer_sent(peer);
    g_assert_cmpstr(second, ==, "2:28:65536 2:28:65536 2:28:65536 2:28:3392 ");
    lsb_program_close_input(peer->program);
    lsb_program_close_input(peer->program);
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    say(peer, "credit 0 524288"); /* as much as the window holds, for there is none left */
    g_autofree char *third = peer_sent(peer);
    g_assert_cmpstr(third, ==, "2:28:65536 2:28:65536 2:28:65536 2:28:704 3:28:0 ");
    g_assert_cmpuint(peer->closed, ==, 0);
}

static void test_given_stdin(void)
{
    g_autoptr(Peer) peer = run("{\"a\", input = \"hello\"}", LSB_OUTPUT_NULL);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "2:28:5 3:28:0 ");
    g_assert_cmpmem(peer->in->data + peer->in->len - WIRE_HEADER - 5, 5, "hello", 5);
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    g_autoptr(Peer) empty = run("{\"a\", input = \"\"}", LSB_OUTPUT_NULL);
    g_autofree char *end = peer_sent(empty);
    g_assert_cmpstr(end, ==, "3:28:0 ");
    g_autoptr(Peer) null = run("{\"a\", stdin = \"null\"}", LSB_OUTPUT_NULL);
    g_assert_false(lsb_program_write(null->program, "x", 1));
    lsb_program_close_input(null->program);
    g_autofree char *nothing = peer_sent(null);
    g_assert_cmpstr(nothing, ==, "");
}

static void test_guest_closes_stdin(void)
{
    g_autofree char *data = g_strnfill(900 * KiB, 'x');
    g_autoptr(Peer) peer = run_piped();
    lsb_program_write(peer->program, data, 900 * KiB);
    say(peer, "close 0");
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    g_assert_true(lsb_program_writable(peer->program)); /* nobody is to wait for it */
    say(peer, "credit 0 1000; close 0");
    lsb_program_close_input(peer->program);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, FULL_WINDOW);
    g_assert_cmpuint(peer->closed, ==, 0);
}

static Peer *run_from(int fd)
{
    LsbOutputTarget none = {.mode = LSB_OUTPUT_NULL};
    return run_full("{\"a\", stdin = \"inherit\"}", fd, none, none);
}

/* A megabyte waits in a file; no more than the credit is taken from it. */
static void test_stdin_from_file(void)
{
    g_autofree char *path = g_build_filename(scratch, "megabyte", NULL),
                    *data = g_strnfill(1024 * KiB, 'x');
    g_assert_true(g_file_set_contents(path, data, 1024 * KiB, NULL));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(Peer) peer = run_from(fd);
    g_autofree char *first = peer_sent(peer);
    g_assert_cmpstr(first, ==, FULL_WINDOW);
    g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, WIRE_WINDOW);
    say(peer, "credit 0 524288");
    g_autofree char *second = peer_sent(peer);
    g_assert_cmpstr(second, ==, FULL_WINDOW);
    say(peer, "credit 0 1");
    g_autofree char *end = peer_sent(peer);
    g_assert_cmpstr(end, ==, "3:28:0 ");
    close(fd);
}

static void test_stdin_from_pipe(void)
{
    Pipe p = pipe_new();
    g_autoptr(Peer) peer = run_from(p.read);
    g_autofree char *nothing = peer_sent(peer);
    g_assert_cmpstr(nothing, ==, "");
    g_assert_cmpint(write(p.write, "hello", 5), ==, 5);
    g_autofree char *data = peer_sent(peer);
    g_assert_cmpstr(data, ==, "2:28:5 ");
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    close(p.write);
    p.write = -1;
    g_autofree char *end = peer_sent(peer);
    g_assert_cmpstr(end, ==, "3:28:0 ");
    pipe_close(&p);
}

/* After the program's end its stdin is left alone: what comes is the next program's. */
static void test_stdin_after_the_end(void)
{
    Pipe p = pipe_new();
    g_autoptr(Peer) peer = run_from(p.read);
    say(peer, "exit 0 0");
    g_assert_cmpint(write(p.write, "hello", 5), ==, 5);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "3:28:0 ");
    char left[8];
    g_assert_cmpint(read(p.read, left, sizeof left), ==, 5);
    pipe_close(&p);
}

static void test_stdin_not_open(void)
{
    g_autoptr(Peer) peer = run_from(1000000);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "3:28:0 ");
}

/* A relay that is full holds back every stdin, and lets all of them go on when it has drained. */
static void test_full_relay(void)
{
    static const guint8 other[WIRE_MAX_PAYLOAD];
    g_autofree char *data = g_strnfill(100 * KiB, 'x');
    g_autoptr(Peer) peer = run_piped();
    while (!lsb_relay_full(peer->relay))
        lsb_relay_send(peer->relay, WIRE_DATA, 400, other, sizeof other);
    lsb_program_write(peer->program, data, 100 * KiB);
    lsb_program_close_input(peer->program);
    g_autofree char *sent = peer_sent(peer);
    g_assert_true(g_str_has_suffix(sent, "2:400:65536 2:28:65536 2:28:36864 3:28:0 "));
    g_assert_cmpuint(peer->drained, >=, 1);
}

/*
 * The descriptor that output goes to was kept until the program object was collected, so the reader
 * of a pipe (io.popen("cat > file", "w") as stdout) never saw its end, and close() waited for ever.
 */
static void test_output_let_go_at_its_end(void)
{
    Pipe p = pipe_new();
    LsbOutputTarget target = {.fd = p.write, .mode = LSB_OUTPUT_FD};
    g_autoptr(Peer) peer = run_full("{\"a\"}", -1, target, target);
    say(peer, "data 1 5; eof 1; eof 2; exit 0 0");
    close(p.write);
    p.write = -1;
    char bytes[8];
    g_assert_cmpint(read(p.read, bytes, sizeof bytes), ==, 5);
    g_assert_cmpint(read(p.read, bytes, sizeof bytes), ==, 0);
    pipe_close(&p);
}

int main(int argc, char **argv)
{
    static const ProgramTest tests[] = {
        {"/output/let-go-at-its-end", test_output_let_go_at_its_end},
        {"/input/written", test_written_stdin},
        {"/input/given", test_given_stdin},
        {"/input/guest-closes", test_guest_closes_stdin},
        {"/input/from-file", test_stdin_from_file},
        {"/input/from-pipe", test_stdin_from_pipe},
        {"/input/after-the-end", test_stdin_after_the_end},
        {"/input/not-open", test_stdin_not_open},
        {"/input/full-relay", test_full_relay},
    };
    g_test_init(&argc, &argv, NULL);
    return run_tests(tests, G_N_ELEMENTS(tests));
}
