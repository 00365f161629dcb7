/*
 * Timelines: phases, the first program, and the times that a guest reports, also false ones. Each
 * test sets the start ten seconds back, so that it need not wait.
 */
#include <string.h>

#include "base/guestmarks.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "base/timelinespans.h"
#include "shared/wire.h"
#include "domain/processtime.h"
#include "base/timeline_private.h"

#define SECOND      ((gint64)G_USEC_PER_SEC)
#define NANOSECONDS G_GUINT64_CONSTANT(1000000000)

enum {
    AGE = 10,
    CREATED = 2,
    GUEST = 1 /* seconds: the start's age, and when what was after it */
};

static LsbTimeline *begun(void)
{
    LsbTimeline *t = lsb_timeline_new();
    lsb_timeline_begin(t);
    t->zero -= AGE * SECOND;
    return t;
}

/* A timeline whose domain has been created, and whose host waits for the guest. */
static LsbTimeline *waiting(gboolean resumed)
{
    LsbTimeline *t = begun();
    t->guest_begun = GUEST * SECOND;
    t->resumed = resumed;
    t->reached[LSB_REACHED_DOMAIN] = CREATED * SECOND;
    lsb_timeline_await_guest(t, LSB_LANE_KERNEL, "boot");
    return t;
}

/* "NAME " of each span. */
static char *names(const GArray *spans)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < spans->len; i++)
        g_string_append_printf(out, "%s ", g_array_index(spans, LsbSpan, i).name);
    return g_string_free(out, FALSE);
}

static void assert_names(const GArray *spans, const char *expected)
{
    g_autofree char *got = names(spans);
    g_assert_cmpstr(got, ==, expected);
}

static const LsbSpan *span_of(const GArray *spans, const char *name)
{
    for (guint i = 0; i < spans->len; i++)
        if (strcmp(g_array_index(spans, LsbSpan, i).name, name) == 0)
            return &g_array_index(spans, LsbSpan, i);
    g_error("no span %s", name);
}

/* Whatever the guest reports, its spans are in order, between the domain's creation and now. */
static void assert_sound(LsbTimeline *t, const GArray *spans)
{
    gint64 before = GUEST * SECOND, now = g_get_monotonic_time() - t->zero;
    g_assert_cmpuint(spans->len, >, 0);
    for (guint i = 0; i < spans->len; i++) {
        const LsbSpan *span = &g_array_index(spans, LsbSpan, i);
        g_assert_cmpint(span->begun, >=, before);
        g_assert_cmpint(span->ended, >=, span->begun);
        g_assert_cmpint(span->ended, <=, now);
        before = span->begun;
    }
}

static void set(LsbGuestMarks *m, enum wire_mark mark, guint64 at)
{
    m->set[mark] = TRUE;
    m->at[mark] = at;
}

/* The marks of a kernel that has run for five seconds, and of its init for the last of them. */
static LsbGuestMarks honest(void)
{
    LsbGuestMarks m = {.sent = 5 * NANOSECONDS};
    for (int i = 0; i < WIRE_MARK_END; i++)
        set(&m, (enum wire_mark)i, 4 * NANOSECONDS + (guint64)i * 50000000);
    return m;
}

/* --- the host --- */

static void test_not_begun(void)
{
    LsbTimeline *t = lsb_timeline_new();
    LsbGuestMarks m = honest();
    lsb_timeline_note(t, "cold");
    lsb_timeline_phase(t, LSB_LANE_HOST, "a");
    lsb_timeline_add(t, LSB_LANE_QEMU, "b", 0);
    lsb_timeline_guest_begins(t);
    lsb_timeline_guest(t, &m, TRUE);
    lsb_timeline_program_spawned(t, 1);
    lsb_timeline_program_started(t, 1);
    lsb_timeline_program_ended(t, 1);
    lsb_timeline_reach(t, LSB_REACHED_READY);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    g_auto(GStrv) notes = lsb_timeline_notes(t);
    g_assert_cmpuint(spans->len, ==, 0);
    g_assert_cmpint(lsb_spans_length(spans), ==, 0);
    g_assert_cmpint(lsb_timeline_reached(t, LSB_REACHED_READY), ==, 0);
    g_assert_cmpstr(notes[0], ==, "cold");
    g_assert_null(notes[1]);
    lsb_timeline_free(t);
}

static void test_phases(void)
{
    LsbTimeline *t = begun();
    lsb_timeline_phase(t, LSB_LANE_LIBVIRT, "connection");
    lsb_timeline_phase(t, LSB_LANE_HOST, "jail");
    lsb_timeline_add(t, LSB_LANE_QEMU, "early", 0); /* not before the present phase */
    lsb_timeline_add(t, LSB_LANE_QEMU, "late", G_MAXINT64);
    lsb_timeline_phase_over(t);
    lsb_timeline_phase_over(t);
    lsb_timeline_phase(t, LSB_LANE_END, "files");
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    const LsbSpan *jail = span_of(spans, "jail"), *early = span_of(spans, "early"),
                  *late = span_of(spans, "late"), *files = span_of(spans, "files");
    g_assert_cmpint(span_of(spans, "connection")->ended, <=, jail->begun);
    g_assert_cmpint(early->begun, ==, jail->begun);
    g_assert_cmpint(late->begun, ==, late->ended);
    g_assert_cmpint(jail->ended, >=, late->ended);
    g_assert_cmpint(files->ended, ==, -1);
    g_assert_cmpint(lsb_spans_length(spans), >=, files->begun);
    lsb_timeline_free(t);
}

static void test_program(void)
{
    LsbTimeline *t = begun();
    lsb_timeline_program_spawned(t, 3);
    lsb_timeline_program_spawned(t, 4);
    lsb_timeline_program_started(t, 4);
    lsb_timeline_program_ended(t, 4);
    g_autoptr(GArray) starting = lsb_timeline_spans(t);
    assert_names(starting, "start ");
    lsb_timeline_program_started(t, 3);
    lsb_timeline_program_ended(t, 3);
    lsb_timeline_program_started(t, 3);
    lsb_timeline_program_lost(t);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    assert_names(spans, "start run ");
    g_assert_cmpint(span_of(spans, "start")->ended, ==, span_of(spans, "run")->begun);
    g_assert_cmpint(span_of(spans, "run")->ended, >=, 0);
    lsb_timeline_free(t);
}

static void test_sums(void)
{
    static const LsbSpan some[] = {
        {.name = "connection", .lane = LSB_LANE_LIBVIRT, .begun = 10, .ended = 30},
        {.name = "create", .lane = LSB_LANE_LIBVIRT, .begun = 30, .ended = 100},
        {.name = "QEMU starts", .lane = LSB_LANE_QEMU, .begun = 50, .ended = 100},
        {.name = "kernel", .lane = LSB_LANE_KERNEL, .begun = 90, .ended = 200},
        {.name = "nothing", .lane = LSB_LANE_INIT, .begun = 150, .ended = 150},
        {.name = "run", .lane = LSB_LANE_PROGRAM, .begun = 250, .ended = -1},
    };
    gint64 sums[LSB_LANES];
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(LsbSpan));
    g_array_append_vals(spans, some, G_N_ELEMENTS(some));
    lsb_spans_sums(spans, sums);
    g_assert_cmpint(sums[LSB_LANE_HOST], ==, 0);
    g_assert_cmpint(sums[LSB_LANE_LIBVIRT], ==, 40);
    g_assert_cmpint(sums[LSB_LANE_QEMU], ==, 40);
    g_assert_cmpint(sums[LSB_LANE_KERNEL], ==, 110);
    g_assert_cmpint(sums[LSB_LANE_INIT], ==, 0);
    g_assert_cmpint(sums[LSB_LANE_PROGRAM], ==, 0);
    g_assert_cmpint(lsb_spans_length(spans), ==, 250);
}

static void test_process(void)
{
    gint64 begun_at = lsb_process_begun((int)getpid());
    g_assert_cmpint(begun_at, >, g_get_monotonic_time() - 3600 * SECOND);
    g_assert_cmpint(begun_at, <=, g_get_monotonic_time());
    g_assert_cmpint(lsb_process_begun(-1), ==, -1);
}

/* --- the guest --- */

#define STEPS                                                                                      \
    "places modules relay port /dev, /proc, /sys made hello plan is sent clock and random "        \
    "numbers root network "                                                                        \
    "/dev, /proc, /sys mounts switch of the root names and leases ready "

static void test_machine(void)
{
    LsbTimeline *t = waiting(FALSE);
    LsbGuestMarks m = honest();
    g_autoptr(GArray) rough = lsb_timeline_spans(t);
    assert_names(rough, "boot ");
    lsb_timeline_phase_over(t);
    lsb_timeline_guest(t, &m, TRUE);
    lsb_timeline_guest(t, &m, TRUE); /* a second report changes nothing */
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    assert_names(spans, "firmware, early kernel kernel " STEPS);
    assert_sound(t, spans);
    const LsbSpan *kernel = span_of(spans, "kernel"),
                  *firmware = span_of(spans, "firmware, early kernel");
    g_assert_cmpint(firmware->begun, ==, CREATED * SECOND);
    g_assert_cmpint(firmware->ended, ==, kernel->begun);
    g_assert_cmpint(kernel->ended - kernel->begun, ==, 4 * SECOND);
    g_assert_cmpint(span_of(spans, "places")->ended - kernel->ended, ==, 50000);
    g_assert_cmpint(lsb_spans_length(spans) - kernel->begun, ==, 5 * SECOND);
    lsb_timeline_free(t);
}

/*
 * No mark before HELLO is later than the arrival of HELLO, though the clock has stood still since.
 */
static void test_stopped(void)
{
    LsbTimeline *t = waiting(FALSE);
    LsbGuestMarks m = honest();
    t->reached[LSB_REACHED_HELLO] = 8 * SECOND;
    t->zero -= 3 * SECOND; /* READY comes so much later than by the guest's clock */
    lsb_timeline_guest(t, &m, TRUE);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    assert_sound(t, spans);
    g_assert_cmpint(span_of(spans, "hello")->ended, ==, 8 * SECOND);
    g_assert_cmpint(span_of(spans, "kernel")->ended, ==, 8 * SECOND - WIRE_MARK_HELLO * 50000);
    g_assert_cmpint(span_of(spans, "kernel")->begun, ==,
                    8 * SECOND - WIRE_MARK_HELLO * 50000 - 4 * SECOND);
    const LsbSpan *plan = span_of(spans, "plan is sent");
    g_assert_cmpint(plan->ended - plan->begun, >, 3 * SECOND);
    lsb_timeline_free(t);
}

/* A container's clock is the host's, so that a late message changes nothing. */
static void test_container(void)
{
    LsbTimeline *t = waiting(FALSE);
    LsbGuestMarks m = {.sent = (guint64)(t->zero + 6 * SECOND) * 1000};
    set(&m, WIRE_MARK_INIT, (guint64)(t->zero + 3 * SECOND) * 1000);
    set(&m, WIRE_MARK_ROOT, (guint64)(t->zero + 5 * SECOND) * 1000);
    lsb_timeline_phase_over(t);
    lsb_timeline_guest(t, &m, FALSE);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    assert_names(spans, "controller root ready ");
    assert_sound(t, spans);
    g_assert_cmpint(span_of(spans, "controller")->begun, ==, CREATED * SECOND);
    g_assert_cmpint(span_of(spans, "root")->begun, ==, 3 * SECOND);
    g_assert_cmpint(span_of(spans, "ready")->begun, ==, 5 * SECOND);
    lsb_timeline_free(t);
}

/* The marks before the plan are from the boot that was saved, even if their times fit. */
static void test_resumed(void)
{
    LsbTimeline *t = waiting(TRUE);
    LsbGuestMarks m = honest();
    lsb_timeline_phase_over(t);
    lsb_timeline_guest(t, &m, TRUE);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    assert_names(spans, "resume clock and random numbers root network /dev, /proc, /sys mounts "
                        "switch of the root names and leases ready ");
    assert_sound(t, spans);
    g_assert_cmpint(span_of(spans, "resume")->begun, ==, GUEST * SECOND);
    lsb_timeline_free(t);
}

static void check_lies(const LsbGuestMarks *m)
{
    for (int way = 0; way < 8; way++) {
        LsbTimeline *t = waiting(way & 1);
        t->reached[LSB_REACHED_HELLO] = way & 4 ? 3 * SECOND : 0;
        lsb_timeline_phase_over(t);
        lsb_timeline_guest(t, m, way & 2);
        g_autoptr(GArray) spans = lsb_timeline_spans(t);
        assert_sound(t, spans);
        lsb_timeline_free(t);
    }
}

static void test_lies(void)
{
    static const guint64 times[] = {0,          1, 999, NANOSECONDS, G_MAXINT64, G_MAXUINT64 - 1,
                                    G_MAXUINT64};
    enum { N = G_N_ELEMENTS(times) };
    for (guint sent = 0; sent < N; sent++)
        for (guint seed = 0; seed < N * N; seed++) {
            LsbGuestMarks m = {.sent = times[sent]};
            for (guint i = 0; i < WIRE_MARK_END; i++)
                if ((seed + i) % 5)
                    set(&m, (enum wire_mark)i, times[(seed / N + i * (seed % N)) % N]);
            check_lies(&m);
        }
    check_lies(&(LsbGuestMarks){.sent = 0});
}

/* --- as it comes --- */

/* Whether a message is read: the number N, each of MARKS up to -1, the time, and EXTRA bytes. */
static gboolean reads(guint32 n, const int *marks, gsize extra)
{
    struct wire_buf b = {0};
    LsbGuestMarks m;
    wire_put_u32(&b, n);
    for (; *marks >= 0; marks++) {
        wire_put_u32(&b, (guint32)*marks);
        wire_put_u64(&b, 7);
    }
    wire_put_u64(&b, 8);
    wire_put_bytes(&b, "xxxxxxxx", extra);
    struct wire_reader r = {b.data, b.data + b.len, false};
    gboolean good = lsb_guest_marks_read(&m, &r);
    if (good)
        g_assert_cmpuint(m.sent, ==, 8);
    wire_buf_clear(&b);
    return good;
}

static void test_read(void)
{
    g_assert_true(reads(0, (int[]){-1}, 0));
    g_assert_true(reads(2, (int[]){WIRE_MARK_LEASE, WIRE_MARK_INIT, -1}, 0));
    g_assert_false(reads(2, (int[]){3, 3, -1}, 0));          /* twice */
    g_assert_false(reads(1, (int[]){WIRE_MARK_END, -1}, 0)); /* an unknown mark */
    g_assert_false(reads(1, (int[]){G_MAXINT, -1}, 0));
    g_assert_false(reads(2, (int[]){1, -1}, 0)); /* fewer than it says */
    g_assert_false(reads(0, (int[]){1, -1}, 0)); /* more */
    g_assert_false(reads(WIRE_MARK_END + 1, (int[]){1, -1}, 0));
    g_assert_false(reads(G_MAXUINT32, (int[]){1, -1}, 0));
    g_assert_false(reads(0, (int[]){-1}, 1));
    struct wire_reader empty = {(const guint8 *)"", (const guint8 *)"", false};
    LsbGuestMarks m;
    g_assert_false(lsb_guest_marks_read(&m, &empty));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timeline/not-begun", test_not_begun);
    g_test_add_func("/timeline/phases", test_phases);
    g_test_add_func("/timeline/program", test_program);
    g_test_add_func("/timeline/sums", test_sums);
    g_test_add_func("/timeline/process", test_process);
    g_test_add_func("/timeline/machine", test_machine);
    g_test_add_func("/timeline/stopped", test_stopped);
    g_test_add_func("/timeline/container", test_container);
    g_test_add_func("/timeline/resumed", test_resumed);
    g_test_add_func("/timeline/lies", test_lies);
    g_test_add_func("/timeline/read", test_read);
    return g_test_run();
}
