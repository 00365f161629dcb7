/* A timeline as a picture: a band for each lane, a bar for each span in a row of its own. */
#include "tracesvg.h"

#include <string.h>

#include "base/timeline.h"
#include "domain/xml/xml.h"
#include "trace.h"

/* Pixels. LETTER is a generous guess, because the reader's font decides. */
enum {
    WIDTH = 1000,
    LEFT = 80, /* where time 0 is; the lanes' names are left of it */
    RIGHT = 20,
    ROW = 18,
    BAR = 12,
    HEAD = 48, /* above the first band, without notes */
    LINE = 16,
    LETTER = 6,
    GAP = 4,
    MOST_TICKS = 12,
};

static const struct {
    const char *band, *bar;
} colours[LSB_LANES] = {
    [LSB_LANE_HOST] = {"#f1f4f8", "#5b7aa5"},    [LSB_LANE_LIBVIRT] = {"#f4f1f8", "#8465ad"},
    [LSB_LANE_QEMU] = {"#f9f3ea", "#c8862b"},    [LSB_LANE_KERNEL] = {"#f9efed", "#c25b4b"},
    [LSB_LANE_INIT] = {"#edf6f0", "#3f9065"},    [LSB_LANE_MOUNTS] = {"#edf6f6", "#3b8f94"},
    [LSB_LANE_PROGRAM] = {"#f8f6e8", "#93831f"}, [LSB_LANE_END] = {"#f3f3f3", "#7a7a7a"},
};

typedef struct {
    LsbXml *xml;
    const LsbTraceView *view;
    double scale; /* pixels of a microsecond */
    guint top;    /* of the first band */
} Picture;

static double x_of(const Picture *p, gint64 time)
{
    return LEFT + (double)time * p->scale;
}

static char *pixels_text(double n)
{
    return g_strdup_printf("%.2f", n);
}

static void put_svg_rect(const Picture *p, double x, double y, double width, double height,
                     const char *fill, const char *title)
{
    g_autofree char *x_text = pixels_text(x), *y_text = pixels_text(y), *w = pixels_text(width),
                    *h = pixels_text(height);
    lsb_xml_begin(p->xml, "rect", "x", x_text, "y", y_text, "width", w, "height", h, "fill", fill,
                  NULL);
    if (title)
        lsb_xml_text(p->xml, "title", title);
    lsb_xml_close(p->xml);
}

static void put_svg_text(const Picture *p, double x, double y, const char *anchor, const char *text)
{
    g_autofree char *x_text = pixels_text(x), *y_text = pixels_text(y);
    lsb_xml_begin(p->xml, "text", "x", x_text, "y", y_text, "text-anchor", anchor, NULL);
    lsb_xml_content(p->xml, text);
    lsb_xml_close(p->xml);
}

/* --- the axis --- */

/* 1, 2 or 5 times a power of ten, so that there are at most MOST_TICKS. In microseconds. */
static gint64 tick_step(gint64 length)
{
    static const int factors[] = {2, 5, 10};
    gint64 power = 1000, step = power;
    for (guint i = 0; length / step > MOST_TICKS; i++) {
        step = power * factors[i % G_N_ELEMENTS(factors)];
        if (i % G_N_ELEMENTS(factors) == G_N_ELEMENTS(factors) - 1)
            power = step;
    }
    return step;
}

static void put_axis(const Picture *p, guint bottom)
{
    gint64 step = tick_step(p->view->length);
    for (gint64 time = 0; time <= p->view->length; time += step) {
        g_autofree char *label = g_strdup_printf("%" G_GINT64_FORMAT " ms", time / 1000);
        put_svg_rect(p, x_of(p, time), p->top, 0.5, bottom - p->top, "#b8b8b8", NULL);
        put_svg_text(p, x_of(p, time), p->top - GAP, "middle", label);
    }
}

/* --- the spans --- */

/* Put the label right of its bar, or left of it, or where there is no room on it. */
static void put_label(const Picture *p, double begun, double ended, double y, const char *label)
{
    double width = (double)g_utf8_strlen(label, -1) * LETTER;
    if (ended + GAP + width <= WIDTH)
        put_svg_text(p, ended + GAP, y, "start", label);
    else if (begun - GAP - width >= LEFT)
        put_svg_text(p, begun - GAP, y, "end", label);
    else
        put_svg_text(p, begun + GAP, y, "start", label);
}

static void put_bar(const Picture *p, const LsbSpan *span, guint y)
{
    gint64 ended = span->ended < 0 ? p->view->length : span->ended;
    double from = x_of(p, span->begun), to = MAX(x_of(p, ended), from + 1);
    g_autofree char *label =
        g_strdup_printf("%s %.1f ms", span->name, (double)(ended - span->begun) / 1000);
    g_autofree char *title = g_strdup_printf(
        "%s: %s, from %.1f to %.1f ms%s", lsb_lane_names[span->lane], span->name,
        (double)span->begun / 1000, (double)ended / 1000, span->ended < 0 ? " and on" : "");
    put_svg_rect(p, from, y + (ROW - BAR) / 2.0, to - from, BAR, colours[span->lane].bar, title);
    put_label(p, from, to, y + ROW - 5, label);
}

static guint rows_of(const Picture *p, guint lane)
{
    guint rows = 0;
    for (guint i = 0; i < p->view->spans->len; i++)
        rows += g_array_index(p->view->spans, LsbSpan, i).lane == lane;
    return rows;
}

static guint put_bands(const Picture *p)
{
    guint y = p->top;
    for (guint lane = 0; lane < LSB_LANES; lane++) {
        guint rows = rows_of(p, lane);
        if (!rows)
            continue;
        put_svg_rect(p, 0, y, WIDTH, rows * ROW, colours[lane].band, NULL);
        put_svg_text(p, 8, y + ROW - 5, "start", lsb_lane_names[lane]);
        y += rows * ROW;
    }
    return y;
}

/* Drawn last, above the axis, which is drawn above the bands. */
static void put_bars(const Picture *p)
{
    guint y = p->top;
    for (guint lane = 0; lane < LSB_LANES; lane++)
        for (guint i = 0; i < p->view->spans->len; i++) {
            const LsbSpan *span = &g_array_index(p->view->spans, LsbSpan, i);
            if (span->lane != lane)
                continue;
            put_bar(p, span, y);
            y += ROW;
        }
}

/* --- the whole --- */

static void put_head(const Picture *p)
{
    g_autofree char *title =
        g_strdup_printf("%s: %.0f ms", p->view->name, (double)p->view->length / 1000);
    put_svg_text(p, 8, LINE, "start", title);
    for (guint i = 0; p->view->notes[i]; i++)
        put_svg_text(p, 8, LINE * (i + 2), "start", p->view->notes[i]);
}

char *lsb_trace_svg(const LsbTraceView *view)
{
    Picture p = {.xml = lsb_xml_new(),
                 .view = view,
                 .scale = (WIDTH - LEFT - RIGHT) / (double)MAX(view->length, 1),
                 .top = HEAD + LINE * g_strv_length((char **)view->notes)};
    guint height = p.top + ROW * view->spans->len + LINE;
    g_autofree char *box = g_strdup_printf("0 0 %d %u", WIDTH, height);
    g_autofree char *wide = g_strdup_printf("%d", WIDTH), *tall = g_strdup_printf("%u", height);
    lsb_xml_begin(p.xml, "svg", "xmlns", "http://www.w3.org/2000/svg", "width", wide, "height",
                  tall, "viewBox", box, "font-family", "sans-serif", "font-size", "11", "fill",
                  "#222222", NULL);
    put_svg_rect(&p, 0, 0, WIDTH, height, "#ffffff", NULL);
    put_head(&p);
    put_axis(&p, put_bands(&p));
    put_bars(&p);
    lsb_xml_close(p.xml);
    return lsb_xml_finish(p.xml);
}
