/*
 * A program over a relay: its streams and their credit, its end, and a guest that breaks the rules.
 * What the guest says is written as a script: `data STREAM BYTES`, `eof STREAM`, `close STREAM`,
 * `credit STREAM BYTES`, `started PID`, `exit KIND VALUE`, `short TYPE ID` (two bytes of payload).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"
#include "recipe.h"

enum { ID = 7, KiB = 1024 };

#define STDIN_ID G_STRINGIFY(28) /* 7 << 2 | stream */

/* --- making programs ---------------------------------------------------------------------------
 */

static LsbProgramSpec *spec_of(const char *text)
{
    static const LsbStdio pipes[3] = {LSB_STDIO_PIPE, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    g_autoptr(LsbValue) recipe_value = recipe("{root = \"@/root\", user = \"anna\"}"),
                        program = recipe(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(recipe_value, &error);
    g_assert_no_error(error);
    LsbProgramSpec *spec = lsb_program_spec_new(d, program, pipes, &error);
    g_assert_no_error(error);
    return spec;
}

/* Runs TEXT over a new relay; SPAWN has been sent and read. */
static Peer *run_full(const char *text, int stdin_fd, LsbOutputTarget out, LsbOutputTarget err)
{
    g_autoptr(LsbProgramSpec) spec = spec_of(text);
    LsbOutputTarget targets[2] = {out, err};
    Peer *peer = peer_new();
    peer->program = lsb_program_new(peer->relay, ID, spec, stdin_fd, targets);
    struct wire_frame frame;
    g_assert_true(peer_next(peer, &frame));
    g_assert_cmpuint(frame.type, ==, WIRE_SPAWN);
    g_assert_cmpuint(frame.id, ==, ID);
    return peer;
}

static Peer *run(const char *text, LsbOutputMode mode)
{
    LsbOutputTarget target = {.fd = -1, .mode = mode, .limit = 1000};
    return run_full(text, -1, target, target);
}

/* The streams are read, as the test says, and nothing else is of interest. */
static Peer *run_piped(void)
{
    return run("{\"a\"}", LSB_OUTPUT_PIPE);
}

/* --- what the guest says -----------------------------------------------------------------------
 */

static void say_data(Peer *peer, guint32 stream, guint64 len)
{
    static const guint8 zeros[WIRE_MAX_PAYLOAD];
    for (guint64 n; len > 0; len -= n) {
        n = MIN(len, WIRE_MAX_PAYLOAD);
        peer_frame(peer, WIRE_DATA, ID << 2 | stream, zeros, n);
    }
}

static void say_exit(Peer *peer, guint32 kind, guint32 value, guint32 errnum, const void *text,
                     gsize len)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, kind);
    wire_put_u32(&b, value);
    wire_put_u32(&b, errnum);
    wire_put_data(&b, text, len);
    peer_frame(peer, WIRE_EXIT, ID, b.data, b.len);
    wire_buf_clear(&b);
}

static void say_one(Peer *peer, const char *command)
{
    char word[16];
    unsigned long long a = 0, b = 0;
    g_assert_cmpint(sscanf(command, " %15s %llu %llu", word, &a, &b), >=, 2);
    guint32 stream = ID << 2 | (guint32)a;
    if (strcmp(word, "data") == 0)
        say_data(peer, (guint32)a, b);
    else if (strcmp(word, "eof") == 0)
        peer_frame(peer, WIRE_EOF, stream, NULL, 0);
    else if (strcmp(word, "close") == 0)
        peer_frame(peer, WIRE_CLOSE, stream, NULL, 0);
    else if (strcmp(word, "credit") == 0)
        peer_frame_u32(peer, WIRE_CREDIT, stream, (guint32)b);
    else if (strcmp(word, "started") == 0)
        peer_frame_u32(peer, WIRE_STARTED, ID, (guint32)a);
    else if (strcmp(word, "exit") == 0)
        say_exit(peer, (guint32)a, (guint32)b, 0, "", 0);
    else if (strcmp(word, "short") == 0)
        peer_frame(peer, (guint)a, (guint32)b, "xx", 2);
    else
        g_error("what is %s", word);
}

static void say(Peer *peer, const char *script)
{
    g_auto(GStrv) commands = g_strsplit(script, ";", -1);
    for (char **command = commands; *command; command++)
        say_one(peer, *command);
    pump();
}

static gboolean has_timer(gconstpointer program)
{
    return g_main_context_find_source_by_funcs_user_data(NULL, &g_timeout_funcs,
                                                         (gpointer)program) != NULL;
}

/* --- the request -------------------------------------------------------------------------------
 */

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

/* --- a guest that breaks the rules -------------------------------------------------------------
 */

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

/* --- how it ends -------------------------------------------------------------------------------
 */

static void check_end(const Peer *peer, LsbEnd expected, int expected_value,
                      const char *expected_message)
{
    int value;
    const char *message;
    g_assert_cmpint(lsb_program_end(peer->program, &value, &message), ==, expected);
    g_assert_cmpint(value, ==, expected_value);
    g_assert_cmpstr(message, ==, expected_message);
}

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
    say_exit(peer, WIRE_NOT_RUN, 127, errnum, text, len);
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
                  "a [2J \xef\xbf\xbd"
                  "b  c\xef\xbf\xbd: No such file or directory");
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

/* --- piped output ------------------------------------------------------------------------------
 */

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

/* --- captured output ---------------------------------------------------------------------------
 */

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

/* --- output to a descriptor --------------------------------------------------------------------
 */

typedef struct {
    int read, write;
} Pipe;

static Pipe pipe_new(void)
{
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    return (Pipe){fds[0], fds[1]};
}

static void pipe_close(Pipe *p)
{
    if (p->read >= 0)
        close(p->read);
    if (p->write >= 0)
        close(p->write);
}

static Peer *run_to(int fd)
{
    LsbOutputTarget target = {.fd = fd, .mode = LSB_OUTPUT_FD}, none = {.mode = LSB_OUTPUT_NULL};
    return run_full("{\"a\", stdin = \"null\"}", -1, target, none);
}

/* Numbers as bytes on stdout, as many as the host gives credit for; returns how many were taken. */
static guint64 say_numbers(Peer *peer, guint64 *credit, guint32 *number)
{
    enum { PIECE = 16 * KiB };
    guint64 sent = 0;
    while (*credit >= PIECE) {
        guint32 numbers[PIECE / sizeof(guint32)];
        for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
            numbers[i] = (*number)++;
        peer_frame(peer, WIRE_DATA, ID << 2 | 1, numbers, sizeof numbers);
        *credit -= PIECE;
        sent += PIECE;
        struct wire_frame frame;
        while (peer_next(peer, &frame)) {
            g_assert_cmpuint(frame.type, ==, WIRE_CREDIT);
            struct wire_reader r = {frame.payload, frame.payload + frame.length, false};
            *credit += wire_get_u32(&r);
        }
        g_assert_cmpuint(sent, <, 100 * 1024 * KiB);
    }
    return sent;
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

/* --- stdin -------------------------------------------------------------------------------------
 */

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

/* --- references --------------------------------------------------------------------------------
 */

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
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_DFL);
    scratch_make();
    scratch_file("root/etc/passwd", "anna:x:1000:100:Anna:/people/anna:/bin/sh\n");
    scratch_file("root/etc/group", "sudo:x:27:anna\nvideo:x:44:anna\n");
    guint descriptors = open_descriptors();
    g_test_add_func("/program/request", test_request);
    g_test_add_func("/program/request-too-long", test_request_too_long);
    g_test_add_func("/terminal/discarded", test_discarded_terminal);
    g_test_add_func("/terminal/without-stderr", test_terminal_without_stderr);
    g_test_add_func("/terminal/resize", test_resize);
    g_test_add_func("/output/let-go-at-its-end", test_output_let_go_at_its_end);
    g_test_add_func("/program/violations", test_violations);
    g_test_add_func("/program/text-beyond-the-frame", test_text_beyond_the_frame);
    g_test_add_func("/program/ends", test_ends);
    g_test_add_func("/program/not-run", test_not_run);
    g_test_add_func("/program/exit-ends-stdin", test_exit_ends_stdin);
    g_test_add_func("/program/lost", test_lost);
    g_test_add_func("/program/kill", test_kill);
    g_test_add_func("/program/timeout", test_timeout);
    g_test_add_func("/output/credit-of-pipe", test_credit_of_pipe);
    g_test_add_func("/output/streams-are-apart", test_streams_are_apart);
    g_test_add_func("/output/close", test_close_output);
    g_test_add_func("/output/capture-limit", test_capture_limit);
    g_test_add_func("/output/slow-pipe", test_slow_pipe);
    g_test_add_func("/output/slow-pipe-of-lost", test_slow_pipe_of_lost);
    g_test_add_func("/output/closed-pipe", test_closed_pipe);
    g_test_add_func("/output/pipe-closed-later", test_pipe_closed_later);
    g_test_add_func("/output/flags-of-caller", test_flags_of_caller);
    g_test_add_func("/input/written", test_written_stdin);
    g_test_add_func("/input/given", test_given_stdin);
    g_test_add_func("/input/guest-closes", test_guest_closes_stdin);
    g_test_add_func("/input/from-file", test_stdin_from_file);
    g_test_add_func("/input/from-pipe", test_stdin_from_pipe);
    g_test_add_func("/input/after-the-end", test_stdin_after_the_end);
    g_test_add_func("/input/not-open", test_stdin_not_open);
    g_test_add_func("/input/full-relay", test_full_relay);
    g_test_add_func("/program/unref-at-any-time", test_unref_at_any_time);
    int result = g_test_run();
    pump();
    g_assert_cmpuint(open_descriptors(), <=, descriptors + 1); /* GLib's main context keeps one */
    scratch_remove();
    return result;
}
