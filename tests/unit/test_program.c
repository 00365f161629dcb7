/*
 * A program over a relay: its request, its end, and a guest that breaks the rules.
 */
#include <fcntl.h>

#include "base/cleanup.h"
#include "recipe/rlimits.h"
#include "session/program.h"
#include "session/programinput.h"
#include "session/programoutput.h"
#include "session/spec.h"
#include "shared/wire.h"
#include "guest.h"

/* --- the request --- */

static void check_strings(struct wire_reader *r, char **strings)
{
    g_assert_cmpuint(wire_get_u32(r), ==, g_strv_length(strings));
    for (; *strings; strings++) {
        size_t len;
        const void *data = wire_get_data(r, &len);
        g_assert_cmpmem(data, len, *strings, strlen(*strings));
    }
}

/* The limits, in the order of their numbers, and the terminal's size. */
static void check_tail(struct wire_reader *r, const LsbProgramSpec *spec)
{
    guint32 n = wire_get_u32(r), at = 0;
    for (guint i = 0; i < RLIM_NLIMITS; i++) {
        const LsbRlimit *limit = &spec->rlimits.of[i];
        if (!limit->set)
            continue;
        at++;
        g_assert_cmpuint(wire_get_u32(r), ==, i);
        g_assert_cmpuint(wire_get_u64(r), ==, limit->soft);
        g_assert_cmpuint(wire_get_u64(r), ==, limit->hard);
    }
    g_assert_cmpuint(n, ==, at);
    g_assert_cmpuint(wire_get_u32(r), ==, spec->rows ? spec->rows : 24);
    g_assert_cmpuint(wire_get_u32(r), ==, spec->cols ? spec->cols : 80);
    size_t len;
    const guint8 *filter = wire_get_data(r, &len);
    g_assert_cmpuint(len, ==, spec->filter ? g_bytes_get_size(spec->filter) : 0);
    g_assert_true(len == 0 || memcmp(filter, g_bytes_get_data(spec->filter, NULL), len) == 0);
}

static void check_request(const char *text, LsbOutputMode mode, guint32 flags, guint64 capabilities)
{
    g_autoptr(LsbProgramSpec) spec = spec_of(text);
    g_autoptr(Peer) peer = run(text, mode);
    struct wire_frame frame;
    peer->parsed = 0;
    g_assert_true(peer_next(peer, &frame));
    struct wire_reader r = {frame.payload, frame.payload + frame.length, false};
    check_strings(&r, spec->argv);
    check_strings(&r, spec->env);
    g_autofree char *cwd = wire_get_str(&r);
    g_assert_cmpstr(cwd, ==, spec->cwd);
    static const guint32 anna_and_umask[] = {1000, 100, 2, 27, 44, 022};
    for (gsize i = 0; i < G_N_ELEMENTS(anna_and_umask); i++)
        g_assert_cmpuint(wire_get_u32(&r), ==, anna_and_umask[i]);
    g_assert_cmphex(wire_get_u32(&r), ==, flags);
    g_assert_cmphex(wire_get_u64(&r), ==, capabilities);
    check_tail(&r, spec);
    g_assert_true(!r.failed && r.at == r.end);
}

static void test_request(void)
{
    enum { NO_OUTPUT = WIRE_SPAWN_NULL_STDOUT | WIRE_SPAWN_NULL_STDERR };
    check_request("{\"a\", \"\", \"\\255\", cwd = \"/tmp\", env = {A = \"=\"}}", LSB_OUTPUT_PIPE, 0,
                  0);
    check_request("{\"a\", stdin = \"null\"}", LSB_OUTPUT_NULL, WIRE_SPAWN_NULL_STDIN | NO_OUTPUT,
                  0);
    check_request("{\"a\", input = \"\"}", LSB_OUTPUT_CAPTURE, 0, 0);
    check_request("{\"a\", stdin = \"null\", privileged = true}", LSB_OUTPUT_PIPE,
                  WIRE_SPAWN_NULL_STDIN | WIRE_SPAWN_NEW_PRIVS, G_MAXUINT64);
    /* -1 is not open: as for a program whose shell was told `>&-` */
    check_request("{\"a\"}", LSB_OUTPUT_FD, NO_OUTPUT, 0);
    check_request("{\"a\", rlimits = {nofile = 64, core = 0, as = {soft = \"1G\", hard = "
                  "\"unlimited\"}}}",
                  LSB_OUTPUT_PIPE, 0, 0);
    /* whatever the targets are: a terminal has one output, which is always read */
    enum { NO_ERRORS = WIRE_SPAWN_NULL_STDERR | WIRE_SPAWN_TTY };
    check_request("{\"a\", tty = true}", LSB_OUTPUT_PIPE, NO_ERRORS, 0);
    check_request("{\"a\", tty = true, rows = 1, cols = 65535}", LSB_OUTPUT_NULL, NO_ERRORS, 0);
    check_request("{\"a\", tty = true, stdin = \"null\"}", LSB_OUTPUT_FD,
                  NO_ERRORS | WIRE_SPAWN_NULL_STDIN, 0);
}

/* A terminal's output that nobody wants is taken all the same, and its credit given back. */
static void test_discarded_terminal(void)
{
    g_autoptr(Peer) peer = run("{\"a\", tty = true}", LSB_OUTPUT_NULL);
    say(peer, "started 5; data 1 131072");
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "4:29:4 ");
    g_assert_false(lsb_program_stream_ended(peer->program, WIRE_STDOUT));
    g_assert_true(lsb_program_stream_ended(peer->program, WIRE_STDERR));
    say(peer, "exit 0 0");
    g_assert_false(lsb_program_finished(peer->program));
    say(peer, "eof 1");
    g_assert_true(lsb_program_finished(peer->program));
    g_assert_null(peer->reason);
}

/* Nothing may come on the stream that a terminal does not have. */
static void test_terminal_without_stderr(void)
{
    g_autoptr(Peer) peer = run("{\"a\", tty = true}", LSB_OUTPUT_PIPE);
    say(peer, "data 2 1");
    g_assert_true(g_str_has_suffix(peer->reason, "data after the end of a stream"));
}

static void test_resize(void)
{
    g_autoptr(Peer) without = run_piped();
    g_assert_false(lsb_program_resize(without->program, 10, 20));
    g_autofree char *nothing = peer_sent(without);
    g_assert_cmpstr(nothing, ==, "");
    g_autoptr(Peer) peer = run("{\"a\", tty = true}", LSB_OUTPUT_PIPE);
    struct wire_frame frame;
    g_assert_true(lsb_program_resize(peer->program, 10, 200));
    g_assert_true(peer_next(peer, &frame));
    g_assert_cmpuint(frame.type, ==, WIRE_RESIZE);
    g_assert_cmpuint(frame.id, ==, ID);
    g_assert_cmpmem(frame.payload, frame.length, "\x0a\0\0\0\xc8\0\0\0", 8);
    say(peer, "exit 0 0; eof 1");
    g_assert_true(lsb_program_resize(peer->program, 10, 20));
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "3:28:0 "); /* of the exit */
}

/* 16 MiB of arguments fit in no message. The timer must not run for what has ended already. */
static void test_request_too_long(void)
{
    g_autoptr(LsbProgramSpec) spec = spec_of("{\"a\", timeout = 0.001}");
    g_free(spec->argv[0]);
    spec->argv[0] = g_strnfill(WIRE_MAX_MESSAGE, 'a');
    g_autoptr(Peer) peer = peer_new();
    LsbOutputTarget targets[2] = {{.mode = LSB_OUTPUT_PIPE}, {.mode = LSB_OUTPUT_PIPE}};
    peer->program = lsb_program_new(peer->relay, ID, spec, -1, targets);
    int value;
    const char *message;
    g_assert_cmpint(lsb_program_end(peer->program, &value, &message), ==, LSB_END_LOST);
    g_assert_cmpstr(message, ==, "the arguments and the environment are too long");
    g_assert_true(lsb_program_finished(peer->program));
    g_assert_false(g_main_context_pending(NULL));
    g_assert_false(has_timer(peer->program));
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "");
}

/* --- a guest that breaks the rules --- */

static const struct {
    const char *script;
    LsbOutputMode mode;
    const char *message;
} violations[] = {
    {"data 1 524289", LSB_OUTPUT_PIPE, "data beyond the credit given"},
    {"data 2 524288; data 2 1", LSB_OUTPUT_PIPE, "data beyond the credit given"},
    {"data 1 10; eof 1; data 1 1", LSB_OUTPUT_PIPE, "data after the end of a stream"},
    {"eof 1; data 1 0; short 2 29", LSB_OUTPUT_CAPTURE, "data after the end of a stream"},
    {"data 1 1", LSB_OUTPUT_NULL, "data after the end of a stream"},
    {"eof 1; eof 1", LSB_OUTPUT_PIPE, "the end of a stream that has ended"},
    {"eof 2", LSB_OUTPUT_NULL, "the end of a stream that has ended"},
    {"credit 1 5", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"close 2", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"data 0 5", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"eof 0", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"data 3 1", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"eof 3", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"credit 3 1", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"credit 0 1", LSB_OUTPUT_PIPE, "more credit than the window holds"},
    {"credit 0 4294967295", LSB_OUTPUT_PIPE, "more credit than the window holds"},
    {"close 0; credit 0 1", LSB_OUTPUT_PIPE, "more credit than the window holds"},
    {"short 4 " STDIN_ID, LSB_OUTPUT_PIPE, "more credit than the window holds"},
    {"exit 3 0", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 4294967295 0", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 0 256", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 0 4294967295", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 1 0", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 1 128", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 2 0", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 2 125", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 2 128", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 0 0; exit 0 0", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 0 0; exit 1 9", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"short 35 7", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"exit 0 0 4", LSB_OUTPUT_PIPE, "a bad exit report"},
    {"drained 1 0", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"drained 0 0", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"exit 0 0; drained 1 0", LSB_OUTPUT_PIPE, "a frame that this stream cannot have"},
    {"started 0", LSB_OUTPUT_PIPE, "a bad start report"},
    {"started 5; started 6", LSB_OUTPUT_PIPE, "a bad start report"},
    {"exit 0 0; started 5", LSB_OUTPUT_PIPE, "a bad start report"},
    {"short 34 7", LSB_OUTPUT_PIPE, "a bad start report"},
};

static void test_violations(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(violations); i++) {
        g_test_message("%s", violations[i].script);
        g_autoptr(Peer) peer = run("{\"a\"}", violations[i].mode);
        say(peer, violations[i].script);
        g_assert_cmpuint(peer->closed, ==, 1);
        g_assert_true(g_str_has_prefix(peer->reason, "the guest broke the relay's protocol: "));
        g_assert_true(g_str_has_suffix(peer->reason, violations[i].message));
        int value;
        const char *message;
        LsbEnd end = lsb_program_end(peer->program, &value, &message);
        gboolean had_ended = g_str_has_prefix(violations[i].script, "exit 0 0;");
        g_assert_cmpint(end, ==, had_ended ? LSB_END_EXITED : LSB_END_LOST);
        g_assert_true(lsb_program_settled(peer->program) && lsb_program_finished(peer->program));
    }
}

/* An exit report whose text is said to be longer than the frame is. */
static void test_text_beyond_the_frame(void)
{
    static const guint8 lies[] = {2, 0, 0, 0, 127, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 255, 'x'};
    g_autoptr(Peer) peer = run_piped();
    peer_frame(peer, WIRE_EXIT, ID, lies, sizeof lies);
    pump();
    g_assert_cmpuint(peer->closed, ==, 1);
    g_assert_true(g_str_has_suffix(peer->reason, "a bad exit report"));
}

/* --- how it ends --- */

static void test_ends(void)
{
    g_autoptr(Peer) exited = run_piped();
    check_end(exited, LSB_END_NONE, 0, NULL);
    say(exited, "started 42; exit 0 255");
    check_end(exited, LSB_END_EXITED, 255, NULL);
    g_assert_cmpuint(lsb_program_pid(exited->program), ==, 42);
    g_assert_cmpuint(lsb_program_id(exited->program), ==, ID);
    g_assert_true(lsb_program_settled(exited->program));
    g_assert_false(lsb_program_finished(exited->program)); /* a child may still write */
    say(exited, "data 1 5; eof 1; eof 2");
    g_assert_true(lsb_program_finished(exited->program));
    g_autoptr(Peer) signaled = run_piped();
    say(signaled, "eof 1; eof 2; exit 1 127");
    check_end(signaled, LSB_END_SIGNALED, 127, NULL);
    g_assert_true(lsb_program_finished(signaled->program));
}

static void check_not_run(const void *text, gsize len, guint32 errnum, const char *expected)
{
    g_autoptr(Peer) peer = run_piped();
    say_exit(peer, WIRE_NOT_RUN, 127, errnum, text, len, 0);
    pump();
    check_end(peer, LSB_END_NOT_RUN, 127, expected);
}

static void test_not_run(void)
{
    g_autofree char *huge = g_strnfill(60000, 'x');
    g_autofree char *cut = g_strdup_printf("%.1024s: %s", huge, g_strerror(EACCES));
    g_autofree char *unknown = g_strdup_printf("x: %s", g_strerror(4095));
    check_not_run("execute /x", 10, ENOENT, "execute /x: No such file or directory");
    check_not_run(huge, 60000, EACCES, cut);
    check_not_run("x", 1, G_MAXUINT32, unknown);
    /* no escape sequence (also by U+009B), no second line, no NUL, nothing but UTF-8 */
    check_not_run("a\33[2J\n\0b\x7f\xc2\x9b"
                  "c\xff",
                  13, ENOENT,
                  "a?[2J?\xef\xbf\xbd"
                  "b??c\xef\xbf\xbd: No such file or directory");
}

/*
 * The guest reports an end at once, also where the host gives no credit for the last bytes. What is
 * captured or goes to a descriptor is waited for; what the owner is to read is not, because the
 * owner may never read it.
 */
static void check_owed(LsbOutputMode mode, gboolean waited_for, const char *last)
{
    cleanup_fd int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    LsbOutputTarget target = {.fd = fd, .mode = mode, .limit = 1000};
    g_autoptr(Peer) peer = run_full("{\"a\"}", -1, target, target);
    say(peer, "started 5; exit 1 9 3");
    check_end(peer, LSB_END_SIGNALED, 9, NULL);
    g_assert_true(lsb_program_settled(peer->program) == !waited_for);
    say(peer, "data 1 5; drained 1 0; data 2 5");
    g_assert_true(lsb_program_settled(peer->program) == !waited_for);
    say(peer, last);
    g_assert_true(lsb_program_settled(peer->program));
    g_assert_false(lsb_program_finished(peer->program));
    say(peer, "data 1 5; eof 1");
    g_assert_cmpuint(peer->closed, ==, 0);
}

static void test_owed(void)
{
    check_owed(LSB_OUTPUT_PIPE, FALSE, "drained 2 0");
    check_owed(LSB_OUTPUT_CAPTURE, TRUE, "drained 2 0");
    check_owed(LSB_OUTPUT_CAPTURE, TRUE, "eof 2");
    check_owed(LSB_OUTPUT_FD, TRUE, "drained 2 0");
}

/* A child that the program left behind could wait for the end of its stdin for ever. */
static void test_exit_ends_stdin(void)
{
    g_autoptr(Peer) peer = run_piped();
    say(peer, "exit 0 0");
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "3:28:0 ");
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    lsb_program_close_input(peer->program);
    say(peer, "close 0"); /* crossed the EOF on its way */
    g_assert_cmpuint(peer->closed, ==, 0);
    g_autofree char *more = peer_sent(peer);
    g_assert_cmpstr(more, ==, "");
}

static void test_lost(void)
{
    g_autoptr(Peer) peer = run_piped();
    say(peer, "data 1 5");
    peer_hang_up(peer);
    pump();
    check_end(peer, LSB_END_LOST, 0, "hung up");
    gsize len;
    lsb_program_peek(peer->program, WIRE_STDOUT, &len);
    g_assert_cmpuint(len, ==, 5); /* what had come can still be read */
    g_assert_true(lsb_program_stream_ended(peer->program, WIRE_STDOUT));
    lsb_program_consume(peer->program, WIRE_STDOUT, 5);
    lsb_program_kill(peer->program, SIGTERM);
    g_assert_false(lsb_program_write(peer->program, "x", 1));
    g_assert_true(lsb_program_writable(peer->program));
    lsb_program_close_output(peer->program, WIRE_STDOUT);
    lsb_program_close_input(peer->program);
}

static void test_kill(void)
{
    g_autoptr(Peer) peer = run("{\"a\", stdin = \"null\"}", LSB_OUTPUT_PIPE);
    lsb_program_kill(peer->program, SIGTERM);
    say(peer, "exit 1 15");
    lsb_program_kill(peer->program, SIGHUP); /* the group may live on */
    say(peer, "eof 1; eof 2");
    lsb_program_kill(peer->program, SIGKILL); /* nobody is left */
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "18:7:4 18:7:4 ");
    g_assert_cmpmem(peer->in->data + peer->in->len - 4, 4, "\1\0\0\0", 4);
}

static void test_timeout(void)
{
    g_autoptr(Peer) peer = run("{\"a\", timeout = 0.001, stdin = \"null\"}", LSB_OUTPUT_PIPE);
    while (!lsb_program_timed_out(peer->program))
        g_main_context_iteration(NULL, TRUE);
    g_autofree char *sent = peer_sent(peer);
    g_assert_cmpstr(sent, ==, "18:7:4 ");
    g_assert_cmpmem(peer->in->data + peer->in->len - 4, 4, "\x09\0\0\0", 4);
    say(peer, "exit 1 9");
    g_assert_true(lsb_program_timed_out(peer->program));
    check_end(peer, LSB_END_SIGNALED, 9, NULL);
}

/* --- references --- */

/* Freed with everything still going on; what is left of its sources would touch freed memory. */
static void test_unref_at_any_time(void)
{
    Pipe in = pipe_new(), out = pipe_new();
    LsbOutputTarget target = {.fd = out.write, .mode = LSB_OUTPUT_FD};
    g_autoptr(Peer) peer =
        run_full("{\"a\", timeout = 3600, stdin = \"inherit\"}", in.read, target, target);
    guint64 credit = WIRE_WINDOW;
    guint32 number = 0;
    say_numbers(peer, &credit, &number);
    gconstpointer gone = peer->program;
    lsb_program_unref(lsb_program_ref(peer->program));
    g_assert_true(has_timer(gone));
    lsb_program_unref(g_steal_pointer(&peer->program));
    g_assert_false(has_timer(gone));
    g_assert_cmpint(write(in.write, "hello", 5), ==, 5);
    close(out.read);
    out.read = -1;
    pump();
    pipe_close(&in);
    pipe_close(&out);
    lsb_program_unref(NULL);
}

int main(int argc, char **argv)
{
    static const ProgramTest tests[] = {
        {"/program/request", test_request},
        {"/program/request-too-long", test_request_too_long},
        {"/terminal/discarded", test_discarded_terminal},
        {"/terminal/without-stderr", test_terminal_without_stderr},
        {"/terminal/resize", test_resize},
        {"/program/violations", test_violations},
        {"/program/text-beyond-the-frame", test_text_beyond_the_frame},
        {"/program/ends", test_ends},
        {"/program/not-run", test_not_run},
        {"/program/owed", test_owed},
        {"/program/exit-ends-stdin", test_exit_ends_stdin},
        {"/program/lost", test_lost},
        {"/program/kill", test_kill},
        {"/program/timeout", test_timeout},
        {"/program/unref-at-any-time", test_unref_at_any_time},
    };
    g_test_init(&argc, &argv, NULL);
    return run_tests(tests, G_N_ELEMENTS(tests));
}
