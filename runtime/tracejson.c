/*
 * A timeline in the trace event format, which chrome://tracing and ui.perfetto.dev show
 * ("Trace Event Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU):
 * a complete event for each span, a thread for each lane, a global instant for each note.
 */
#include "tracejson.h"

#include "base/timeline.h"
#include "trace.h"

static void put_json_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(out, '\\');
        if ((guchar)*c < ' ')
            g_string_append_printf(out, "\\u%04x", (guint)*c);
        else
            g_string_append_c(out, *c);
    }
    g_string_append_c(out, '"');
}

/* Begin an event on the thread of LANE. The caller adds fields and the closing brace. */
static void begin_event(GString *out, const char *phase, guint lane, const char *name)
{
    if (!g_str_has_suffix(out->str, "[\n"))
        g_string_append(out, ",\n");
    g_string_append_printf(out, "{\"ph\":\"%s\",\"pid\":1,\"tid\":%u,\"name\":", phase, lane + 1);
    put_json_string(out, name);
}

/* A metadata event that names a process or a thread. */
static void put_name_event(GString *out, const char *what, guint lane, const char *name)
{
    begin_event(out, "M", lane, what);
    g_string_append(out, ",\"args\":{\"name\":");
    put_json_string(out, name);
    g_string_append(out, "}}");
}

static void put_lane_names(GString *out)
{
    for (guint lane = 0; lane < LSB_LANES; lane++) {
        put_name_event(out, "thread_name", lane, lsb_lane_names[lane]);
        begin_event(out, "M", lane, "thread_sort_index");
        g_string_append_printf(out, ",\"args\":{\"sort_index\":%u}}", lane);
    }
}

/* A span that still goes on has only a beginning. */
static void put_span_event(GString *out, const LsbSpan *span)
{
    begin_event(out, span->ended < 0 ? "B" : "X", span->lane, span->name);
    g_string_append_printf(out, ",\"cat\":\"%s\",\"ts\":%" G_GINT64_FORMAT,
                           lsb_lane_names[span->lane], span->begun);
    if (span->ended >= 0)
        g_string_append_printf(out, ",\"dur\":%" G_GINT64_FORMAT, span->ended - span->begun);
    g_string_append_c(out, '}');
}

char *lsb_trace_json(const LsbTraceView *view)
{
    GString *out = g_string_new("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    put_name_event(out, "process_name", 0, view->name);
    put_lane_names(out);
    for (const char *const *note = view->notes; *note; note++) {
        begin_event(out, "i", 0, *note);
        g_string_append(out, ",\"ts\":0,\"s\":\"g\"}");
    }
    for (guint i = 0; i < view->spans->len; i++)
        put_span_event(out, &g_array_index(view->spans, LsbSpan, i));
    g_string_append(out, "\n]}\n");
    return g_string_free(out, FALSE);
}
