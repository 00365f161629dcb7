/* The two forms of a trace: whole documents, whatever texts and times are in them. */
#include "base/timeline.h"
#include "domain/xml/xml.h"
#include "runtime/tracejson.c"
#include "runtime/tracesvg.c"

#define NASTY "a<b>&\"c'\\d ]]> \303\244"

static GArray *some_spans(void)
{
    static const LsbSpan some[] = {
        {.name = "connection", .lane = LSB_LANE_LIBVIRT, .begun = 1500, .ended = 250000},
        {.name = "long", .lane = LSB_LANE_KERNEL, .begun = 0, .ended = 990000},
        {.name = "late", .lane = LSB_LANE_END, .begun = 999000, .ended = 1000000},
        {.name = "goes on", .lane = LSB_LANE_PROGRAM, .begun = 300000, .ended = -1},
    };
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(LsbSpan));
    g_array_append_vals(spans, some, G_N_ELEMENTS(some));
    return spans;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("\"%s\" lacks \"%s\"", text, part);
}

static void test_svg(void)
{
    static const char *const notes[] = {NASTY, "second", NULL};
    g_autoptr(GArray) spans = some_spans();
    LsbTraceView view = {.name = NASTY, .spans = spans, .length = 1000000, .notes = notes};
    g_autofree char *svg = lsb_trace_svg(&view);
    g_auto(GStrv) texts = lsb_xml_texts(svg, "/*[local-name()='svg']/*[local-name()='text']");
    g_auto(GStrv) titles = lsb_xml_texts(svg, "//*[local-name()='title']");
    g_assert_cmpstr(texts[0], ==, NASTY ": 1000 ms");
    g_assert_cmpstr(texts[1], ==, NASTY);
    g_assert_true(g_strv_contains((const char *const *)texts, "connection 248.5 ms"));
    g_assert_true(g_strv_contains((const char *const *)texts, "late 1.0 ms"));
    g_assert_true(g_strv_contains((const char *const *)texts, "libvirt"));
    g_assert_false(g_strv_contains((const char *const *)texts, "mounts"));
    g_assert_cmpuint(g_strv_length(titles), ==, spans->len);
    g_assert_true(g_strv_contains((const char *const *)titles,
                                  "program: goes on, from 300.0 to 1000.0 ms and on"));
}

static void test_empty(void)
{
    static const char *const notes[] = {NULL};
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(LsbSpan));
    LsbTraceView view = {.name = "n", .spans = spans, .notes = notes};
    g_autofree char *svg = lsb_trace_svg(&view), *json = lsb_trace_json(&view);
    g_auto(GStrv) texts = lsb_xml_texts(svg, "//*[local-name()='text']");
    g_assert_cmpstr(texts[0], ==, "n: 0 ms");
    assert_has(json, "\"traceEvents\":[");
}

static void test_ticks(void)
{
    g_assert_cmpint(tick_step(0), ==, 1000);
    g_assert_cmpint(tick_step(12 * 1000), ==, 1000);
    g_assert_cmpint(tick_step(13 * 1000), ==, 2000);
    g_assert_cmpint(tick_step(100 * 1000), ==, 10 * 1000);
    g_assert_cmpint(tick_step(3000 * 1000), ==, 500 * 1000);
    g_assert_cmpint(tick_step(G_MAXINT64 / 100), <=, G_MAXINT64 / 500);
}

static void test_json(void)
{
    static const char *const notes[] = {"with \"quotes\" and \\ and \n and " NASTY, NULL};
    g_autoptr(GArray) spans = some_spans();
    LsbTraceView view = {.name = "n", .spans = spans, .length = 1000000, .notes = notes};
    g_autofree char *json = lsb_trace_json(&view);
    assert_has(json, "\"name\":\"with \\\"quotes\\\" and \\\\ and \\u000a and a<b>&\\\"c'\\\\d ]]> "
                     "\303\244\",\"ts\":0,\"s\":\"g\"}");
    assert_has(json,
               "{\"ph\":\"X\",\"pid\":1,\"tid\":2,\"name\":\"connection\",\"cat\":\"libvirt\","
               "\"ts\":1500,\"dur\":248500}");
    assert_has(json, "{\"ph\":\"B\",\"pid\":1,\"tid\":7,\"name\":\"goes on\",\"cat\":\"program\","
                     "\"ts\":300000}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/svg", test_svg);
    g_test_add_func("/trace/empty", test_empty);
    g_test_add_func("/trace/ticks", test_ticks);
    g_test_add_func("/trace/json", test_json);
    return g_test_run();
}
