/*
 * Frames that cross each other. A frame of the host about a program, a save or the clock may be on
 * its way while the guest sends its last frame about the same: the guest then drops the host's
 * frame, and all other programs go on. One frame of stdin that crossed a program's EXIT used to
 * end the whole sandbox, because the guest init took the end of the program for an EOF of the host.
 *
 * This test is the host, and is late: it sends what a host could send before it hears the guest,
 * after the guest has spoken.
 */
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest-init/greet.h"
#include "guest-init/relay.h"
#include "latehost.h"
#include "shared/wire.h"

/* --- what the host has on its way --- */

/* "data", "eof" of its stdin; "credit N", "close N" of an output; "signal"; "resize". */
static void tell_late(Guest *g, const char *what)
{
    char word[16];
    unsigned stream = 0;
    g_assert_cmpint(sscanf(what, " %15s %u", word, &stream), >=, 1);
    guint32 id = wire_stream_id(PROGRAM, (enum wire_stream)stream);
    if (strcmp(word, "data") == 0)
        tell(g, WIRE_DATA, id, "8 bytes\n", 8);
    else if (strcmp(word, "eof") == 0)
        tell(g, WIRE_EOF, id, NULL, 0);
    else if (strcmp(word, "credit") == 0)
        tell_u32(g, WIRE_CREDIT, id, 6);
    else if (strcmp(word, "close") == 0)
        tell(g, WIRE_CLOSE, id, NULL, 0);
    else if (strcmp(word, "signal") == 0)
        tell_u32(g, WIRE_SIGNAL, PROGRAM, SIGTERM);
    else if (strcmp(word, "resize") == 0)
        tell(g, WIRE_RESIZE, PROGRAM, "\1\0\0\0\2\0\0\0", 8);
    else
        g_error("what is %s", word);
}

/* The last is what a host says that hears of the end: EOF, whatever it was at. */
static const char *const late[] = {
    "data",    "data;data;eof", "eof",    "credit 1",
    "close 1", "close 2",       "signal", "data;credit 1;close 1;close 2;signal;eof"};

/* What a program is at when the host is late. Each says "ready" on stdout, and ends by SIGTERM. */
typedef struct {
    const char *name, *script;
    guint32 flags;
    gsize fed;               /* bytes to its stdin */
    gboolean ended;          /* the guest has said EXIT, else UNTIL, of STREAM */
    enum wire_type until;
    enum wire_stream stream;
} Situation;

/* What one pipe holds, and some more, which the guest holds. */
enum { MORE_THAN_A_PIPE = 1124 * KiB };
/* A child in a session of its own is not reached by the signal to the program's group. */
#define IN_SESSION   "while [ $(cut -d' ' -f6 /proc/$!/stat) != $! ]; do :; done; "
#define LEAVES_STDIN "exec 3<&0; setsid sleep 20 <&3 >/dev/null 2>&1 & " IN_SESSION
#define LEAVES_ALL   "exec 3<&0; setsid sleep 20 <&3 & " IN_SESSION
#define SAYS         "echo ready; "
#define WAITS        "exec sleep 1000"

static const Situation situations[] = {
    {"ended", SAYS WAITS, 0, 0, TRUE, 0, 0},
    {"ended, stdin full and held by a child", LEAVES_STDIN SAYS WAITS, 0,
     MORE_THAN_A_PIPE, TRUE, 0, 0},
    {"ended, all held by a child", LEAVES_ALL SAYS WAITS, 0, MORE_THAN_A_PIPE, TRUE, 0, 0},
    {"ended, stdin empty and held by a child", LEAVES_STDIN SAYS WAITS, 0, 0, TRUE, 0, 0},
    {"its stdin is closed", SAYS "exec sleep 1000 <&-", 0, 100, FALSE, WIRE_CLOSE, WIRE_STDIN},
    {"its stdout is closed", SAYS "exec sleep 1000 >&-", 0, 0, FALSE, WIRE_EOF, WIRE_STDOUT},
    {"its stderr is closed", SAYS "exec sleep 1000 2>&-", 0, 0, FALSE, WIRE_EOF, WIRE_STDERR},
    {"ended at a terminal", SAYS WAITS, WIRE_SPAWN_TTY, 0, TRUE, 0, 0},
    {"ended at a terminal that a child holds", "setsid sleep 20 & " IN_SESSION SAYS WAITS,
     WIRE_SPAWN_TTY, 0, TRUE, 0, 0},
};

static void cross(const Situation *s, const char *words)
{
    Guest g;
    guest_start(&g);
    spawn(&g, PROGRAM, s->script, s->flags);
    g_assert_true(hear_until(&g, WIRE_DATA, wire_stream_id(PROGRAM, WIRE_STDOUT)));
    if (!feed(&g, s->fed))
        g_error("%s: the guest has ended while its stdin was fed", s->name);
    if (s->ended)
        tell_u32(&g, WIRE_SIGNAL, PROGRAM, SIGTERM);
    if (s->ended ? !hear_until(&g, WIRE_EXIT, PROGRAM)
                 : !g.over[s->stream] &&
                       !hear_until(&g, s->until, wire_stream_id(PROGRAM, s->stream)))
        g_error("%s: the guest does not say so", s->name);
    g_auto(GStrv) frames = g_strsplit(words, ";", -1);
    for (char **frame = frames; *frame; frame++)
        tell_late(&g, *frame);
    if (!lives(&g))
        g_test_message("%s: \"%s\" on its way ends the guest", s->name, words), g_test_fail();
    guest_end(&g);
}

static void test_situation(gconstpointer data)
{
    const Situation *s = data;
    for (gsize i = 0; i < G_N_ELEMENTS(late); i++)
        cross(s, late[i]);
    if (s->flags & WIRE_SPAWN_TTY)
        cross(s, "resize");
}

/* No process came to be. */
static void test_not_run(void)
{
    static const Situation s = {"not run", "", 0, 0, TRUE, 0, 0};
    for (gsize i = 0; i < G_N_ELEMENTS(late); i++) {
        Guest g;
        guest_start(&g);
        spawn(&g, PROGRAM, "exec /no/such/program", 0);
        g_assert_true(hear_until(&g, WIRE_EXIT, PROGRAM));
        g_auto(GStrv) frames = g_strsplit(late[i], ";", -1);
        for (char **frame = frames; *frame; frame++)
            tell_late(&g, *frame);
        if (!lives(&g))
            g_test_message("%s: \"%s\"", s.name, late[i]), g_test_fail();
        guest_end(&g);
    }
}

/* Frames that no crossing explains end the connection. */
static void test_violations(void)
{
    static const char *const violations[] = {"eof;data", "eof;eof;data", "data;eof;data"};
    for (gsize i = 0; i < G_N_ELEMENTS(violations); i++) {
        Guest g;
        guest_start(&g);
        spawn(&g, PROGRAM, "exec 3<&0; trap '' TERM; " SAYS "sleep 1000 <&3", 0);
        g_assert_true(hear_until(&g, WIRE_DATA, wire_stream_id(PROGRAM, WIRE_STDOUT)));
        g_assert_true(feed(&g, MORE_THAN_A_PIPE));
        g_auto(GStrv) frames = g_strsplit(violations[i], ";", -1);
        for (char **frame = frames; *frame; frame++)
            tell_late(&g, *frame);
        struct wire_frame f;
        while (hear(&g, &f))
            ;
        if (!g.hung_up)
            g_test_message("\"%s\": the guest goes on", violations[i]), g_test_fail();
        guest_end(&g);
    }
}

/* --- the clock, and a save --- */

/*
 * FRESHEN makes the guest ask for the time. Frames that the host has sent before it hears the
 * question come before the answer.
 */
static void test_freshen(void)
{
    static const char *const before[] = {"", "credit 1", "close 1", "data", "eof", "signal"};
    for (gsize i = 0; i < G_N_ELEMENTS(before); i++) {
        Guest g;
        struct wire_buf seed = {0}, now = {0};
        guest_start(&g);
        spawn(&g, PROGRAM, SAYS WAITS, 0);
        g_assert_true(hear_until(&g, WIRE_DATA, wire_stream_id(PROGRAM, WIRE_STDOUT)));
        wire_put_data(&seed, NULL, 0);
        wire_put_u64(&seed, 0);
        tell_fields(&g, WIRE_FRESHEN, 0, &seed);
        if (*before[i])
            tell_late(&g, before[i]);
        gboolean asked = hear_until(&g, WIRE_TIME, 0);
        for (int answers = 0; asked && answers < WIRE_MOST_TIMES; answers++) {
            struct wire_frame f;
            wire_put_u64(&now, (guint64)g_get_real_time() * 1000);
            tell_fields(&g, WIRE_TIME, 0, &now);
            do
                asked = hear(&g, &f);
            while (asked && f.type != WIRE_TIME && f.type != WIRE_FRESHENED);
            if (asked && f.type == WIRE_FRESHENED)
                break;
        }
        if (!asked || !lives(&g))
            g_test_message("\"%s\" before the time: the guest ends", before[i]), g_test_fail();
        guest_end(&g);
    }
}

/* A child that waits, detached, for its host's next HELLO, and ends with 0 when it has come. */
static int greeted_after(const guint8 *frames, gsize len)
{
    int ends[2], status;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    g_assert_cmpint(send(ends[0], frames, len, MSG_NOSIGNAL), ==, (ssize_t)len);
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        struct relay r;
        close(ends[0]);
        alarm(PATIENCE_MS / 1000);
        _exit(relay_init(&r, ends[1]) < 0 || greet_again(&r) < 0);
    }
    close(ends[1]);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    close(ends[0]);
    return status;
}

/*
 * DETACH may be on its way while the guest sends the last frame of a program's stream. Frames that
 * the host sends about that program before it hears this follow DETACH, so they come where the
 * guest waits for HELLO.
 */
static void test_detach(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(late); i++) {
        Guest host = {0};
        int ends[2];
        guint8 bytes[KiB];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
        host.fd = ends[0];
        g_auto(GStrv) frames = g_strsplit(late[i], ";", -1);
        for (char **frame = frames; *frame; frame++)
            tell_late(&host, *frame);
        tell_u32(&host, WIRE_HELLO, 0, WIRE_VERSION);
        ssize_t n = read(ends[1], bytes, sizeof bytes);
        close(ends[0]);
        close(ends[1]);
        g_assert_cmpint(n, >, 0);
        if (greeted_after(bytes, (gsize)n) != 0)
            g_test_message("\"%s\" after DETACH: the guest ends", late[i]), g_test_fail();
    }
}

/* --- a program that ends before it has run --- */

static guint count_descriptors(pid_t pid)
{
    guint n = 0;
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)pid);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

static int only_child(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", (int)pid, (int)pid);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : 0;
}

/* The writing ends of what PID has open besides its standard streams; the number of them. */
static guint hold_pipes(int pid, int *held, guint most)
{
    guint n = 0;
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && n < most && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *to = g_file_read_link(file, NULL);
        if (atoi(name) > STDERR_FILENO && to && g_str_has_prefix(to, "pipe:") &&
            (held[n] = open(file, O_WRONLY | O_CLOEXEC)) >= 0)
            n++;
    }
    return n;
}

/* A PATH so long that looking for the program takes seconds. */
static char *long_path(void)
{
    enum { DIRECTORIES = 1000000 };
    GString *path = g_string_new("PATH=/x");
    for (int i = 0; i < DIRECTORIES; i++)
        g_string_append(path, ":/x");
    return g_string_free(path, FALSE);
}

/*
 * A child reports by a pipe why it could not run, and another process may open that pipe through
 * /proc. The guest init must stop watching the pipe when the program has ended, because it frees
 * the program, and used to touch that memory when the other process closed the pipe.
 */
static void test_report_held(void)
{
    enum { MOST = 16 };
    Guest g;
    int held[MOST];
    guint n = 0;
    guest_start(&g);
    g_assert_true(lives(&g));
    guint before = count_descriptors(g.pid);
    g_autofree char *path = long_path();
    spawn_with(&g, PROGRAM, "no-such-program",
               WIRE_SPAWN_NULL_STDIN | WIRE_SPAWN_NULL_STDOUT | WIRE_SPAWN_NULL_STDERR, path);
    for (int looks = 0; n == 0 && looks < PATIENCE_MS; looks++, g_usleep(1000))
        n = only_child(g.pid) > 0 ? hold_pipes(only_child(g.pid), held, MOST) : 0;
    g_assert_cmpuint(n, >, 0);
    tell_u32(&g, WIRE_SIGNAL, PROGRAM, SIGKILL);
    g_assert_true(hear_until(&g, WIRE_EXIT, PROGRAM));
    g_assert_true(lives(&g));
    guint after = count_descriptors(g.pid);
    if (after != before)
        g_test_message("%u descriptors instead of %u", after, before), g_test_fail();
    while (n > 0)
        close(held[--n]);
    for (int i = 0; i < 3; i++)
        g_assert_true(lives(&g));
    guest_end(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(situations); i++) {
        g_autofree char *path = g_strconcat("/crossings/", situations[i].name, NULL);
        g_test_add_data_func(path, &situations[i], test_situation);
    }
    g_test_add_func("/crossings/not run", test_not_run);
    g_test_add_func("/crossings/violations", test_violations);
    g_test_add_func("/crossings/freshen", test_freshen);
    g_test_add_func("/crossings/detach", test_detach);
    g_test_add_func("/crossings/report held", test_report_held);
    return g_test_run();
}
