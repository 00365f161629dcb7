/*
 * A session without a domain: what a guest says, in and out of turn, what the session tells its
 * owner then, and what ends the channel.
 */
#include <errno.h>
#include <signal.h>

#include "recipe/value/value.h"
#include "session/profile.h"
#include "base/error.h"
#include "session/program.h"
#include "session/session.h"
#include "session/spec.h"
#include "shared/wire.h"
#include "peer.h"
#include "recipe.h"
#include "sessionpeer.h"

/* --- what the guest says and the owner does, by words --- */

static void say_errno(Peer *peer, enum wire_type type, guint32 errnum, const char *what)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, errnum);
    wire_put_str(&b, what);
    peer_frame(peer, type, 0, b.data, b.len);
    wire_buf_clear(&b);
}

static LsbProgram *spawn_program(Peer *peer, GError **error)
{
    static const LsbStdio captured[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    g_autoptr(LsbValue) table = recipe("{\"a\", max_output = 4}");
    g_autoptr(LsbProgramSpec) spec =
        lsb_program_spec_new(lsb_session_profile(peer->session), table, captured, error);
    LsbOutputTarget targets[2];
    g_assert_nonnull(spec);
    lsb_program_targets(spec, TRUE, targets);
    return lsb_session_spawn(peer->session, spec, -1, targets, error);
}

static void say_program_end(Peer *peer, guint32 id)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, WIRE_EXITED);
    wire_put_u32(&b, 0);
    wire_put_u32(&b, 0);
    wire_put_str(&b, "");
    wire_put_u32(&b, 0);
    wire_put_u32(&b, 0);
    peer_frame(peer, WIRE_EXIT, id, b.data, b.len);
    wire_buf_clear(&b);
    peer_frame(peer, WIRE_EOF, wire_stream_id(id, WIRE_STDOUT), NULL, 0);
    peer_frame(peer, WIRE_EOF, wire_stream_id(id, WIRE_STDERR), NULL, 0);
}

static void do_spawn(Peer *peer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbProgram) program = spawn_program(peer, &error);
    g_assert_no_error(error);
}

static void do_word(Peer *peer, const char *word)
{
    if (strcmp(word, "hello") == 0)
        say_hello(peer, WIRE_VERSION);
    else if (strcmp(word, "old") == 0)
        say_hello(peer, WIRE_VERSION + 1);
    else if (strcmp(word, "plan") == 0)
        send_empty_plan(peer);
    else if (strcmp(word, "ready") == 0)
        say_ready(peer);
    else if (strcmp(word, "bad-ready") == 0)
        peer_frame(peer, WIRE_READY, 0, "xx", 2);
    else if (strcmp(word, "failed") == 0)
        say_errno(peer, WIRE_FAILED, ENOENT, "mount /x");
    else if (strcmp(word, "detach") == 0)
        lsb_session_detach(peer->session);
    else if (strcmp(word, "detached") == 0)
        say_errno(peer, WIRE_DETACHED, 0, "");
    else if (strcmp(word, "busy") == 0)
        say_errno(peer, WIRE_DETACHED, EBUSY, "a \033 program");
    else if (strcmp(word, "freshen") == 0)
        lsb_session_freshen(peer->session);
    else if (strcmp(word, "freshened") == 0)
        peer_frame(peer, WIRE_FRESHENED, 0, NULL, 0);
    else if (strcmp(word, "time") == 0)
        peer_frame(peer, WIRE_TIME, 0, NULL, 0);
    else if (strcmp(word, "spawn") == 0)
        do_spawn(peer);
    else if (strcmp(word, "started") == 0)
        peer_frame_u32(peer, WIRE_STARTED, 1, 77);
    else if (strcmp(word, "much") == 0)
        peer_frame(peer, WIRE_DATA, wire_stream_id(1, WIRE_STDOUT), "12345", 5);
    else if (strcmp(word, "end") == 0)
        say_program_end(peer, 1);
    else if (strcmp(word, "late") == 0)
        peer_frame_u32(peer, WIRE_CREDIT, wire_stream_id(1, WIRE_STDIN), 5);
    else if (strcmp(word, "hang-up") == 0)
        peer_hang_up(peer);
    else
        g_error("what is %s", word);
    pump();
}

#define BROKE "the guest broke the relay's protocol: "
#define BOOT  "hello plan ready "

static const struct {
    const char *words, *told, *reason; /* REASON NULL: the channel is open; "": the guest hung up */
} scripts[] = {
    {"hello", "greeted", NULL},
    {"hello plan", "greeted", NULL},
    {"hello plan ready", "greeted ready", NULL},
    {"hello plan failed", "greeted failed(mount /x: No such file or directory)", NULL},
    {"failed", "failed(mount /x: No such file or directory)", NULL},
    {"hello hello", "greeted", BROKE "its version of the relay is %d, ours is %d"},
    {"ready", "", BROKE "READY out of turn"},
    {"hello ready", "greeted", BROKE "READY out of turn"},
    {"hello plan bad-ready", "greeted", BROKE "a bad READY"},
    {BOOT "ready", "greeted ready", BROKE "READY out of turn"},
    {BOOT "failed", "greeted ready", BROKE "FAILED out of turn"},
    {BOOT "hello", "greeted ready", BROKE "its version of the relay is %d, ours is %d"},

    /* the time is for a machine between PLAN and READY, and between FRESHEN and FRESHENED */
    {"time", "", BROKE "TIME out of turn"},
    {"hello plan time time ready", "greeted ready", NULL},
    {BOOT "time", "greeted ready", BROKE "TIME out of turn"},
    {BOOT "freshen time freshened", "greeted ready freshened", NULL},
    {BOOT "freshen freshened freshened", "greeted ready freshened", BROKE "FRESHENED out of turn"},
    {BOOT "freshen freshened time", "greeted ready freshened", BROKE "TIME out of turn"},

    {BOOT "detach detached plan ready", "greeted ready detached(0) ready", NULL},
    {BOOT "detach busy", "greeted ready detached(16 a ? program)", NULL},
    {BOOT "detach busy spawn", "greeted ready detached(16 a ? program) spawned", NULL},
    {BOOT "detached", "greeted ready", BROKE "DETACHED out of turn"},
    {BOOT "detach detached ready", "greeted ready detached(0)", BROKE "READY out of turn"},
    {BOOT "detach detached failed", "greeted ready detached(0)", BROKE "FAILED out of turn"},
    {BOOT "detach detached plan failed",
     "greeted ready detached(0) failed(mount /x: No such file or directory)", NULL},

    {BOOT "spawn started end", "greeted ready spawned started ended gone", NULL},
    {BOOT "spawn started much end", "greeted ready spawned started output-limit ended gone", NULL},
    {BOOT "spawn end late", "greeted ready spawned ended gone", NULL},
    {BOOT "late", "greeted ready", BROKE "a frame for a program that does not run (type 4)"},
    {BOOT "end", "greeted ready", BROKE "a frame for a program that does not run (type 35)"},
    {BOOT "spawn hang-up", "greeted ready spawned", ""},
    {"hang-up", "", ""},
};

static void run_script(gsize i)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    g_auto(GStrv) words = g_strsplit(scripts[i].words, " ", -1);
    for (char **word = words; *word; word++)
        do_word(peer, *word);
    g_assert_cmpstr(peer->told->str, ==, scripts[i].told);
    g_assert_cmpuint(peer->closed, ==, scripts[i].reason ? 1 : 0);
    if (!scripts[i].reason || !*scripts[i].reason) {
        g_assert_null(peer->reason);
        return;
    }
    g_autofree char *version = g_strdup_printf("%d", WIRE_VERSION);
    g_autoptr(GString) expected = g_string_new(scripts[i].reason);
    g_string_replace(expected, "%d", version, 0);
    g_assert_cmpstr(peer->reason, ==, expected->str);
}

static void test_scripts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_test_message("%s", scripts[i].words);
        run_script(i);
    }
}

/* --- what is known of the guest --- */

static void test_other_version(void)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    g_assert_false(lsb_session_has_greeted(peer->session));
    do_word(peer, "old");
    g_assert_cmpuint(peer->closed, ==, 1);
    g_assert_nonnull(strstr(peer->reason, "its version of the relay is"));
}

static void test_kernel(void)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    g_assert_null(lsb_session_kernel(peer->session));
    session_peer_boot(peer);
    g_assert_true(lsb_session_has_greeted(peer->session));
    g_assert_cmpstr(lsb_session_kernel(peer->session), ==, "6.1?");
}

/* A container has the host's clock and random numbers: no seed comes with PLAN, and no TIME. */
static void test_container_is_fresh(void)
{
    LsbProfile *profile = profile_of("{root = \"@/root\", user = \"anna\"}");
    profile->own_kernel = FALSE;
    g_autoptr(Peer) peer = session_peer_new(profile);
    struct wire_frame frame;
    do_word(peer, "hello");
    do_word(peer, "plan");
    g_assert_true(peer_next(peer, &frame) && frame.type == WIRE_HELLO);
    g_assert_true(peer_next(peer, &frame) && frame.type == WIRE_PLAN);
    g_assert_cmpuint(frame.length, ==, sizeof(guint32));
    do_word(peer, "time");
    g_assert_cmpstr(peer->reason, ==, BROKE "TIME out of turn");
}

/* --- programs --- */

static void test_spawn_out_of_turn(void)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    g_autoptr(GError) error = NULL;
    g_assert_null(spawn_program(peer, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_STATE);
    session_peer_boot(peer);
    do_word(peer, "spawn");
    g_assert_cmpuint(lsb_session_count_running(peer->session), ==, 1);
    do_word(peer, "end");
    g_assert_cmpuint(lsb_session_count_running(peer->session), ==, 0);
    g_assert_true(lsb_session_is_empty(peer->session));
}

static void test_close(void)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    g_autoptr(GError) reason = g_error_new(LSB_ERROR, LSB_ERROR_TIMEOUT, "too long");
    session_peer_boot(peer);
    g_autoptr(LsbProgram) program = spawn_program(peer, NULL);
    lsb_session_close(peer->session, reason);
    lsb_session_close(peer->session, NULL);
    int value;
    const char *message;
    g_assert_cmpint(lsb_program_end(program, &value, &message), ==, LSB_END_LOST);
    g_assert_cmpstr(message, ==, "too long");
    g_assert_error(lsb_session_reason(peer->session), LSB_ERROR, LSB_ERROR_TIMEOUT);
    g_assert_true(lsb_session_hung_up(peer->session));
    g_assert_cmpuint(peer->closed, ==, 0);
    lsb_session_shut_down(peer->session);
}

/* A guest that has greeted another host may say HELLO again; it only has to fit. */
static void test_greeted_before(void)
{
    g_autoptr(Peer) peer = session_peer_new(profile_of("{root = \"@/root\", user = \"anna\"}"));
    int ends[2];
    lsb_session_close(peer->session, NULL);
    peer_hang_up(peer);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    peer->fd = ends[1];
    lsb_session_connect(peer->session, ends[0], TRUE);
    send_empty_plan(peer);
    do_word(peer, "hello");
    do_word(peer, "ready");
    g_assert_cmpstr(peer->told->str, ==, "ready");
    do_word(peer, "old");
    g_assert_cmpuint(peer->closed, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_DFL);
    scratch_make();
    scratch_file("root/etc/passwd", "anna:x:1000:100:Anna:/people/anna:/bin/sh\n");
    scratch_file("root/etc/group", "sudo:x:27:anna\n");
    guint descriptors = open_descriptors();
    g_test_add_func("/session/scripts", test_scripts);
    g_test_add_func("/session/other-version", test_other_version);
    g_test_add_func("/session/kernel", test_kernel);
    g_test_add_func("/session/container-is-fresh", test_container_is_fresh);
    g_test_add_func("/session/spawn-out-of-turn", test_spawn_out_of_turn);
    g_test_add_func("/session/close", test_close);
    g_test_add_func("/session/greeted-before", test_greeted_before);
    int result = g_test_run();
    pump();
    g_assert_cmpuint(open_descriptors(), <=, descriptors + 1); /* GLib's main context keeps one */
    scratch_remove();
    return result;
}
