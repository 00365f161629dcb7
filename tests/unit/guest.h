/*
 * A program over a relay, and its guest. What the guest says is written as a script: `data STREAM
 * BYTES`, `eof STREAM`, `close STREAM`, `credit STREAM BYTES`, `started PID`, `exit KIND VALUE`,
 * `short TYPE ID` (two bytes of payload).
 */
#ifndef LSANDBOX_TEST_GUEST_H
#define LSANDBOX_TEST_GUEST_H

#include <signal.h>
#include <stdio.h>

#include "recipe/description.h"
#include "recipe/value/value.h"
#include "session/profile.h"
#include "session/program.h"
#include "session/spec.h"
#include "shared/units.h"
#include "shared/wire.h"
#include "peer.h"
#include "recipe.h"

enum { ID = 7 };

#define STDIN_ID G_STRINGIFY(28) /* 7 << 2 | stream */

/* --- making programs --- */

static inline LsbProgramSpec *spec_of(const char *text)
{
    static const LsbStdio pipes[3] = {LSB_STDIO_PIPE, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    g_autoptr(LsbValue) recipe_value = recipe("{root = \"@/root\", user = \"anna\"}"),
                        program = recipe(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(recipe_value, &error);
    g_assert_no_error(error);
    g_autoptr(LsbProfile) profile = lsb_profile_new(d);
    LsbProgramSpec *spec = lsb_program_spec_new(profile, program, pipes, &error);
    g_assert_no_error(error);
    return spec;
}

/* Runs TEXT over a new relay; SPAWN has been sent and read. */
static inline Peer *run_full(const char *text, int stdin_fd, LsbOutputTarget out,
                             LsbOutputTarget err)
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

static inline Peer *run(const char *text, LsbOutputMode mode)
{
    LsbOutputTarget target = {.fd = -1, .mode = mode, .limit = 1000};
    return run_full(text, -1, target, target);
}

/* The streams are read, as the test says, and nothing else is of interest. */
static inline Peer *run_piped(void)
{
    return run("{\"a\"}", LSB_OUTPUT_PIPE);
}

/* --- what the guest says --- */

static inline void say_data(Peer *peer, guint32 stream, guint64 len)
{
    static const guint8 zeros[WIRE_MAX_PAYLOAD];
    for (guint64 n; len > 0; len -= n) {
        n = MIN(len, WIRE_MAX_PAYLOAD);
        peer_frame(peer, WIRE_DATA, ID << 2 | stream, zeros, n);
    }
}

static inline void say_exit(Peer *peer, guint32 kind, guint32 value, guint32 errnum,
                            const void *text, gsize len, guint32 owed)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, kind);
    wire_put_u32(&b, value);
    wire_put_u32(&b, errnum);
    wire_put_data(&b, text, len);
    wire_put_u32(&b, 0);
    wire_put_u32(&b, owed);
    peer_frame(peer, WIRE_EXIT, ID, b.data, b.len);
    wire_buf_clear(&b);
}

static inline void say_one(Peer *peer, const char *command)
{
    char word[16];
    unsigned long long a = 0, b = 0, c = 0;
    g_assert_cmpint(sscanf(command, " %15s %llu %llu %llu", word, &a, &b, &c), >=, 2);
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
        say_exit(peer, (guint32)a, (guint32)b, 0, "", 0, (guint32)c);
    else if (strcmp(word, "drained") == 0)
        peer_frame(peer, WIRE_DRAINED, stream, NULL, 0);
    else if (strcmp(word, "short") == 0)
        peer_frame(peer, (guint)a, (guint32)b, "xx", 2);
    else
        g_error("what is %s", word);
}

static inline void say(Peer *peer, const char *script)
{
    g_auto(GStrv) commands = g_strsplit(script, ";", -1);
    for (char **command = commands; *command; command++)
        say_one(peer, *command);
    pump();
}

static inline gboolean has_timer(gconstpointer program)
{
    return g_main_context_find_source_by_funcs_user_data(NULL, &g_timeout_funcs,
                                                         (gpointer)program) != NULL;
}

static inline void check_end(const Peer *peer, LsbEnd expected, int expected_value,
                             const char *expected_message)
{
    int value;
    const char *message;
    g_assert_cmpint(lsb_program_end(peer->program, &value, &message), ==, expected);
    g_assert_cmpint(value, ==, expected_value);
    g_assert_cmpstr(message, ==, expected_message);
}

/* --- pipes --- */

typedef struct {
    int read, write;
} Pipe;

static inline Pipe pipe_new(void)
{
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    return (Pipe){fds[0], fds[1]};
}

static inline void pipe_close(Pipe *p)
{
    if (p->read >= 0)
        close(p->read);
    if (p->write >= 0)
        close(p->write);
}

/* Numbers as bytes on stdout, as many as the host gives credit for; returns how many were taken. */
static inline guint64 say_numbers(Peer *peer, guint64 *credit, guint32 *number)
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

/* --- running --- */

typedef struct {
    const char *name;
    void (*run)(void);
} ProgramTest;

static inline int run_tests(const ProgramTest *tests, gsize n)
{
    signal(SIGPIPE, SIG_DFL);
    scratch_make();
    scratch_file("root/etc/passwd", "anna:x:1000:100:Anna:/people/anna:/bin/sh\n");
    scratch_file("root/etc/group", "sudo:x:27:anna\nvideo:x:44:anna\n");
    guint descriptors = open_descriptors();
    for (gsize i = 0; i < n; i++)
        g_test_add_func(tests[i].name, tests[i].run);
    int result = g_test_run();
    pump();
    g_assert_cmpuint(open_descriptors(), <=, descriptors + 1); /* GLib's main context keeps one */
    scratch_remove();
    return result;
}

#endif
