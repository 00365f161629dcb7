/*
 * File operations over a session whose guest is hostile: an answer that lsandbox's file service
 * never gives ends the operation, and nothing else. The session has no domain, only the test's
 * peer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "session/profile.h"
#include "base/error.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "session/filecontent.h"
#include "session/filelist.h"
#include "session/filewatch.h"
#include "session/program.h"
#include "session/pull.h"
#include "session/push.h"
#include "session/session.h"
#include "shared/filewire.h"
#include "shared/units.h"
#include "shared/wire.h"
#include "session/fileop.h"
#include "peer.h"
#include "recipe.h"
#include "sessionpeer.h"

enum {
    ID = 1, /* of the first program of a session */
    OUT = ID << 2 | WIRE_STDOUT,
    IN = ID << 2 | WIRE_STDIN
};

static LsbProfile *usual_profile(void)
{
    return profile_of("{root = \"@/root\", user = \"anna\", max_output = 10000}");
}

/* --- operations by name --- */

typedef struct {
    Peer *peer;
    LsbFileOp *op;
} Run;

static LsbFileOp *begin(LsbSession *s, const char *name, GError **error)
{
    g_autoptr(GBytes) data = g_bytes_new_static("data", 4);
    g_autofree char *source = with_scratch("@/source"), *target = with_scratch("@/target/copy");
    if (strcmp(name, "push") == 0)
        return lsb_push_new(s, source, "/dst", NULL, error);
    if (strcmp(name, "pull") == 0)
        return lsb_pull_new(s, "/src", target, NULL, 100, error);
    if (strcmp(name, "read") == 0)
        return lsb_read_new(s, "/f", 0, G_MAXUINT64, 8, NULL, error);
    if (strcmp(name, "part") == 0)
        return lsb_read_new(s, "/f", 3, 2, 8, NULL, error);
    if (strcmp(name, "write") == 0)
        return lsb_write_new(s, "/f", data, -1, FALSE, NULL, error);
    if (strcmp(name, "list") == 0)
        return lsb_list_new(s, "/d", NULL, error);
    if (strcmp(name, "stat") == 0)
        return lsb_stat_new(s, "/d", TRUE, NULL, error);
    if (strcmp(name, "mkdir") == 0)
        return lsb_mkdir_new(s, "/d", -1, FALSE, NULL, error);
    g_assert_cmpstr(name, ==, "watch");
    return lsb_watch_new(s, "/d", NULL, error);
}

static Run run(const char *name)
{
    g_autoptr(GError) error = NULL;
    Run r = {.peer = session_peer_new(usual_profile())};
    session_peer_boot(r.peer);
    r.op = begin(r.peer->session, name, &error);
    g_assert_no_error(error);
    pump();
    return r;
}

static void run_end(Run *r)
{
    lsb_file_op_free(r->op);
    peer_free(r->peer);
    pump();
}

/* --- what the guest says --- */

/*
 * `e TYPE NAME [LINK]` an entry, `= TEXT` data, `<` leave, `.` done, `! ERRNO PATH` an error,
 * `r` ready, `v MASK NAME` an event, `x KIND LENGTH` a bare header, `exit` and `kill`, `lost`.
 */
static void put_record(struct wire_buf *b, char *const *words)
{
    const char *first = words[0][1] ? "" : words[0], *a = words[1] ? words[1] : "";
    const char *last = words[1] && words[2] ? words[2] : "";
    struct stat st = {.st_mode = *a == 'd' ? S_IFDIR : *a == 'l' ? S_IFLNK : S_IFREG};
    char *const *rest = words[1] && words[2] ? words + 3 : words;
    if (*first == 'e')
        file_put_entry(b, &st, last, *a == 'l' && *rest ? *rest : "");
    else if (*first == '=' || *first == 'x')
        wire_put_u32(b, *first == '=' ? FILE_DATA : (guint32)atoi(a));
    else if (*first == '!')
        file_put_error(b, atoi(a), last);
    else if (*first == 'v')
        file_put_event(b, (guint32)atoi(a), 9, last);
    else
        file_put_empty(b, *first == '<' ? FILE_LEAVE : *first == 'r' ? FILE_READY : FILE_DONE);
    if (*first == '=')
        wire_put_str(b, a);
    if (*first == 'x')
        wire_put_u32(b, (guint32)atoi(last));
}

static void say_exit(Peer *peer, enum wire_exit how, guint32 value)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, how);
    wire_put_u32(&b, value);
    wire_put_u32(&b, 0);
    wire_put_str(&b, "");
    wire_put_u32(&b, 0);
    wire_put_u32(&b, 0);
    peer_frame(peer, WIRE_EOF, OUT, NULL, 0);
    peer_frame(peer, WIRE_EXIT, ID, b.data, b.len);
    wire_buf_clear(&b);
}

static void say_one(Peer *peer, const char *command)
{
    g_auto(GStrv) words = g_strsplit(command, " ", 4);
    struct wire_buf b = {0};
    if (strcmp(command, "exit") == 0)
        say_exit(peer, WIRE_EXITED, 0);
    else if (strcmp(command, "kill") == 0)
        say_exit(peer, WIRE_SIGNALED, SIGKILL);
    else if (strcmp(command, "lost") == 0) {
        g_autoptr(GError) reason =
            g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the machine is gone");
        pump();
        lsb_session_close(peer->session, reason);
    } else
        put_record(&b, words);
    if (b.len)
        peer_frame(peer, WIRE_DATA, OUT, b.data, b.len);
    wire_buf_clear(&b);
}

static void say(Peer *peer, const char *script)
{
    g_auto(GStrv) commands = g_strsplit(script, "; ", -1);
    for (char **c = commands; *c; c++)
        say_one(peer, *c);
    pump();
}

/* --- answers --- */

static const struct {
    const char *name, *script, *code, *message;
} answers[] = {
    /* well */
    {"mkdir", ".", NULL, NULL},
    {"mkdir", ".; exit", NULL, NULL},
    {"write", ".", NULL, NULL},
    {"read", "= 12345678; .", NULL, NULL},
    {"part", "= 12; .", NULL, NULL},
    {"stat", "e f ; .", NULL, NULL},
    {"list", ".", NULL, NULL},
    {"list", "e f b; e d a; e l c x; .", NULL, NULL},
    {"pull", "e f ; = x; <; .", NULL, NULL},
    /* an errno */
    {"mkdir", "! 13 ", "EACCES", "mkdir /d: Permission denied"},
    {"pull", "! 2 ", "ENOENT", "pull /src: No such file or directory"},
    {"pull", "e d ; ! 13 a/b", "EACCES", "pull /src/a/b: Permission denied"},
    {"push", "! 30 a", "EROFS", "push /dst/a: Read-only file system"},
    {"list", "! 13 \033[2J\xc2\x9b", "EACCES", "list /d/?[2J?: Permission denied"},
    {"list", "! 4000 ", "failed", NULL},
    /* no answer of ours */
    {"mkdir", "! 0 ", "protocol", NULL},
    {"mkdir", "! 4096 ", "protocol", NULL},
    {"mkdir", "! -1 ", "protocol", NULL},
    {"mkdir", "r", "protocol", "mkdir /d: the guest's answer is not well-formed"},
    {"mkdir", "= x", "protocol", NULL},
    {"mkdir", "x 99 0", "protocol", NULL},
    {"mkdir", "x 4 8193", "protocol", NULL},
    {"mkdir", "x 2 262145", "protocol", NULL},
    {"mkdir", "x 4 1; x 4 0; .", "protocol", NULL},
    {"write", "= x", "protocol", NULL},
    {"read", "e f ", "protocol", NULL},
    {"part", "= 123", "protocol", NULL},
    {"read", "= 123456789", "output-limit", NULL},
    {"read", "= 12345; = 6789; .", "output-limit", NULL},
    {"read", "= 12345; = 67890", "protocol",
     NULL}, /* more than the one byte over that was asked for */
    {"stat", ".", "protocol", NULL},
    {"stat", "e f ; e f ; .", "protocol", NULL},
    {"stat", "e f name; .", "protocol", NULL},
    {"list", "e f ; .", "protocol", NULL},
    {"list", "e f a/b; .", "protocol", NULL},
    {"list", "e f ..; .", "protocol", NULL},
    {"list", "= x", "protocol", NULL},
    {"pull", ".", "protocol", NULL},
    {"pull", "e f name", "protocol", NULL},
    {"pull", "e d ; e f ../x", "protocol", NULL},
    {"pull", "e d ; e f /etc/passwd", "protocol", NULL},
    {"pull", "e f ; = x; .", "protocol", NULL},
    {"pull", "v 2 a", "protocol", NULL},
    {"watch", "v 2 a", "protocol", NULL},
    {"watch", "r; r", "protocol", NULL},
    {"watch", "r; v 2 a/b", "protocol", NULL},
    {"watch", "r; v 2 ..", "protocol", NULL},
    {"watch", "r; v 0 a", "protocol", NULL},
    {"watch", "= x", "protocol", NULL},
    {"watch", ".", "protocol", NULL},
    /* the end without a last word */
    {"mkdir", "exit", "protocol", "mkdir /d: the guest gave no answer"},
    {"pull", "e f ; = x; exit", "protocol", NULL},
    {"mkdir", "kill", "failed", "mkdir /d: ended by signal 9"},
    {"mkdir", "lost", "stopped", "mkdir /d: the machine is gone"},
    {"pull", "e d ; e f x; = abc; lost", "stopped", NULL},
    {"push", "lost", "stopped", NULL},
    {"watch", "r; lost", "stopped", NULL},
};

static void check_answer(gsize i)
{
    g_autoptr(GError) error = NULL;
    Run r = run(answers[i].name);
    say(r.peer, answers[i].script);
    if (!lsb_file_op_done(r.op))
        g_error("%s, %s: not over", answers[i].name, answers[i].script);
    lsb_file_op_result(r.op, &error);
    const char *code = error ? lsb_error_name(error) : NULL;
    if (g_strcmp0(code, answers[i].code) != 0)
        g_error("%s, %s: %s %s", answers[i].name, answers[i].script, code,
                error ? error->message : "");
    if (answers[i].message)
        g_assert_cmpstr(error->message, ==, answers[i].message);
    if (r.peer->closed) /* the relay, and all else that runs over it, goes on */
        g_error("%s, %s: %s", answers[i].name, answers[i].script, r.peer->reason);
    run_end(&r);
}

static void fresh_target(void)
{
    g_autofree char *command = with_scratch("rm -rf @/target && mkdir @/target");
    g_assert_cmpint(system(command), ==, 0);
}

static void check_empty_target(void)
{
    g_autofree char *path = with_scratch("@/target");
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

static void test_answers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        fresh_target();
        check_answer(i);
    }
}

/* A guest that lists for ever comes up against max_output. */
static void test_endless_list(void)
{
    g_autoptr(GError) error = NULL;
    Run r = run("list");
    for (int i = 0; i < 1000 && !lsb_file_op_done(r.op); i++)
        say(r.peer, "e f name");
    g_assert_true(lsb_file_op_done(r.op));
    g_assert_false(lsb_file_op_result(r.op, &error));
    g_assert_cmpstr(lsb_error_name(error), ==, "output-limit");
    run_end(&r);
}

/* Anything at all, often with a header that looks well. */
static void put_noise(struct wire_buf *b, GRand *random)
{
    guint32 length = (guint32)g_rand_int_range(random, 0, 80);
    if (g_rand_boolean(random)) {
        wire_put_u32(b, (guint32)g_rand_int_range(random, 0, 9));
        wire_put_u32(b, length);
    }
    for (guint32 i = 0; i < length; i++) {
        guint8 byte = (guint8)(g_rand_boolean(random) ? 0 : g_rand_int_range(random, 0, 256));
        wire_put_bytes(b, &byte, 1);
    }
}

static void test_noise(void)
{
    static const char *const names[] = {"pull", "read", "list", "stat", "watch", "mkdir"};
    g_autoptr(GRand) random = g_rand_new_with_seed(11);
    for (int i = 0; i < 300; i++) {
        fresh_target();
        Run r = run(names[i % (int)G_N_ELEMENTS(names)]);
        for (int j = 0; j < 20 && !lsb_file_op_done(r.op); j++) {
            struct wire_buf b = {0};
            put_noise(&b, random);
            peer_frame(r.peer, WIRE_DATA, OUT, b.data, b.len);
            wire_buf_clear(&b);
            pump();
        }
        g_assert_cmpuint(r.peer->closed, ==, 0);
        run_end(&r);
    }
}

static void test_list_is_sorted(void)
{
    Run r = run("list");
    say(r.peer, "e f b; e d a; e l c x; .");
    const GArray *entries = lsb_list_entries(r.op);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++) {
        const LsbFileStat *st = &g_array_index(entries, LsbFileStat, i);
        g_string_append_printf(names, "%s:%d:%s ", st->name, st->type, st->link);
    }
    g_assert_cmpstr(names->str, ==, "a:2:(null) b:1:(null) c:3:x ");
    g_string_free(names, TRUE);
    run_end(&r);
}

static void make_source(gsize size)
{
    g_autofree char *path = with_scratch("@/source"), *content = g_strnfill(size, 'x');
    g_assert_true(g_file_set_contents(path, content, (gssize)size, NULL));
}

/* --- cancelling --- */

static void test_cancel_pull(void)
{
    fresh_target();
    Run r = run("pull");
    say(r.peer, "e f ; = abc");
    g_autofree char *before = peer_sent(r.peer);
    lsb_file_op_cancel(r.op);
    g_assert_true(lsb_file_op_done(r.op));
    g_assert_false(lsb_file_op_gone(r.op));
    g_autofree char *sent = peer_sent(r.peer);
    g_assert_cmpstr(sent, ==, "5:5:0 18:1:4 "); /* CLOSE of stdout, SIGNAL */
    say(r.peer, "= more; exit");
    g_assert_true(lsb_file_op_gone(r.op));
    run_end(&r);
    check_empty_target();
}

/* The guest is told by the end of stdin, without the DONE that would make it keep what it has. */
static void test_cancel_push(void)
{
    make_source(8 * MiB);
    Run r = run("push");
    lsb_file_op_cancel(r.op);
    guint64 bytes = 0;
    gboolean eof = FALSE;
    struct wire_frame frame;
    while (peer_next(r.peer, &frame)) {
        bytes += frame.type == WIRE_DATA ? frame.length : 0;
        eof |= frame.type == WIRE_EOF && frame.id == IN;
        if (bytes == WIRE_WINDOW) /* what is queued goes out first */
            peer_frame_u32(r.peer, WIRE_CREDIT, IN, WIRE_WINDOW);
        bytes %= WIRE_WINDOW;
    }
    g_assert_true(eof);
    run_end(&r);
    make_source(10);
}

/* Freed at any time, it leaves no source behind that would find it. */
static void test_free_at_any_time(void)
{
    static const char *const names[] = {"push", "pull", "read", "write", "list", "watch"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        fresh_target();
        g_autoptr(GError) error = NULL;
        Run r = {.peer = session_peer_new(usual_profile())};
        session_peer_boot(r.peer);
        lsb_file_op_free(begin(r.peer->session, names[i], &error));
        g_assert_no_error(error);
        pump();
        say(r.peer, "e f ; = x");
        run_end(&r);
    }
}

static void test_not_running(void)
{
    static const char *const names[] = {"push", "pull", "read", "write", "list", "watch"};
    g_autoptr(Peer) peer = session_peer_new(usual_profile());
    fresh_target();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(begin(peer->session, names[i], &error));
        g_assert_error(error, LSB_ERROR, LSB_ERROR_STATE);
    }
}

/* --- push --- */

/* The bytes of stdin that the relay sent. */
static guint64 sent_input(Peer *peer)
{
    struct wire_frame frame;
    guint64 bytes = 0;
    while (peer_next(peer, &frame))
        if (frame.type == WIRE_DATA && frame.id == IN)
            bytes += frame.length;
    return bytes;
}

/* A guest that takes nothing gets no more read for it than a queue holds. */
static void test_push_is_lazy(void)
{
    make_source(8 * MiB);
    Run r = run("push");
    guint64 sent = sent_input(r.peer);
    g_assert_cmpuint(sent, ==, WIRE_WINDOW);
    guint64 bytes = lsb_tree_summary(r.op)->bytes;
    g_assert_cmpuint(bytes, >, 0);
    g_assert_cmpuint(bytes, <=, WIRE_WINDOW + 1 * MiB);
    for (guint64 total = sent; sent > 0; total += sent) {
        peer_frame_u32(r.peer, WIRE_CREDIT, IN, (guint32)sent);
        pump();
        sent = sent_input(r.peer);
        g_assert_cmpuint(lsb_tree_summary(r.op)->bytes, <=, total + WIRE_WINDOW + 1 * MiB);
    }
    g_assert_cmpuint(lsb_tree_summary(r.op)->bytes, ==, 8 * MiB);
    g_assert_false(lsb_file_op_done(r.op));
    say(r.peer, ".");
    g_assert_true(lsb_file_op_result(r.op, NULL));
    run_end(&r);
    make_source(10);
}

/* The guest's reason counts, not that it took no more. */
static void test_push_refused(void)
{
    make_source(8 * MiB);
    g_autoptr(GError) error = NULL;
    Run r = run("push");
    peer_frame(r.peer, WIRE_CLOSE, IN, NULL, 0);
    pump();
    g_assert_false(lsb_file_op_done(r.op));
    say(r.peer, "! 28 ");
    lsb_file_op_result(r.op, &error);
    g_assert_cmpstr(error->message, ==, "push /dst: No space left on device");
    run_end(&r);
    make_source(10);
}

static void test_push_of_nothing(void)
{
    g_autofree char *path = with_scratch("@/source");
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_autoptr(GError) error = NULL;
    Run r = run("push");
    g_assert_true(lsb_file_op_done(r.op));
    lsb_file_op_result(r.op, &error);
    g_assert_cmpstr(lsb_error_name(error), ==, "ENOENT");
    g_autofree char *expected = with_scratch("push @/source: No such file or directory");
    g_assert_cmpstr(error->message, ==, expected);
    run_end(&r);
    make_source(10);
}

/* --- pull --- */

static void test_pull_limit(void)
{
    fresh_target();
    g_autoptr(GError) error = NULL;
    Run r = run("pull");
    say(r.peer, "e d ; e f a");
    for (int i = 0; i < 10; i++)
        say(r.peer, "= 1234567890");
    g_assert_false(lsb_file_op_done(r.op));
    say(r.peer, "= 1");
    lsb_file_op_result(r.op, &error);
    g_assert_cmpstr(lsb_error_name(error), ==, "output-limit");
    run_end(&r);
    g_autofree char *copy = with_scratch("@/target/copy");
    g_assert_cmpint(g_rmdir(copy), ==, 0); /* the directory is there, nothing in it */
}

/* --- watch --- */

static void test_watch(void)
{
    LsbFileEvent event;
    Run r = run("watch");
    g_assert_false(lsb_watch_ready(r.op));
    say(r.peer, "r");
    g_assert_true(lsb_watch_ready(r.op));
    g_assert_false(lsb_watch_has_event(r.op));
    say(r.peer, "v 256 a; v 1073742080 d; v 16384 ; v 32768 ; .");
    static const char *const expected[] = {"create a 0 9", "create d 1 9", "overflow  0 9",
                                           "gone  0 9"};
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_true(lsb_watch_has_event(r.op));
        g_assert_true(lsb_watch_take(r.op, &event));
        g_autofree char *got =
            g_strdup_printf("%s %s %d %u", event.event, event.name, event.is_dir, event.cookie);
        g_assert_cmpstr(got, ==, expected[i]);
        lsb_file_event_clear(&event);
        pump();
    }
    g_assert_false(lsb_watch_take(r.op, &event));
    g_assert_true(lsb_file_op_done(r.op) && lsb_file_op_result(r.op, NULL));
    run_end(&r);
}

/* Events that nobody takes cost no more than a stream's window: no credit is given for them. */
static void test_watch_holds_back(void)
{
    Run r = run("watch");
    say(r.peer, "r");
    for (int i = 0; i < 5000; i++)
        say_one(r.peer, "v 2 some-name");
    pump();
    g_autofree char *sent = peer_sent(r.peer);
    g_assert_null(strstr(sent, "4:5:")); /* CREDIT of stdout */
    LsbFileEvent event;
    int taken = 0;
    for (; lsb_watch_take(r.op, &event); taken++) {
        lsb_file_event_clear(&event);
        pump();
    }
    g_assert_cmpint(taken, ==, 5000);
    run_end(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_DFL);
    scratch_make();
    scratch_file("root/etc/passwd", "anna:x:1000:100:Anna:/people/anna:/bin/sh\n");
    scratch_file("root/etc/group", "sudo:x:27:anna\n");
    make_source(10);
    guint descriptors = open_descriptors();
    g_test_add_func("/files/answers", test_answers);
    g_test_add_func("/files/endless-list", test_endless_list);
    g_test_add_func("/files/noise", test_noise);
    g_test_add_func("/files/list-is-sorted", test_list_is_sorted);
    g_test_add_func("/files/cancel-pull", test_cancel_pull);
    g_test_add_func("/files/cancel-push", test_cancel_push);
    g_test_add_func("/files/free-at-any-time", test_free_at_any_time);
    g_test_add_func("/files/not-running", test_not_running);
    g_test_add_func("/push/lazy", test_push_is_lazy);
    g_test_add_func("/push/refused", test_push_refused);
    g_test_add_func("/push/nothing", test_push_of_nothing);
    g_test_add_func("/pull/limit", test_pull_limit);
    g_test_add_func("/watch/events", test_watch);
    g_test_add_func("/watch/holds-back", test_watch_holds_back);
    int result = g_test_run();
    pump();
    g_assert_cmpuint(open_descriptors(), <=, descriptors + 1); /* GLib's main context keeps one */
    scratch_remove();
    return result;
}
