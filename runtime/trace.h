/* `--trace FILE`: where the time of one start went. */
#ifndef LSANDBOX_TRACE_H
#define LSANDBOX_TRACE_H

#include "sandbox.h"

typedef struct _LsbTrace LsbTrace;

/* Whether PATH ends as a form does that can be written: ".svg" or ".json". */
gboolean lsb_trace_has_form(const char *path);

/*
 * Make sure, before anything is started, that PATH can be written. Nothing is seen of it until
 * lsb_trace_write(). NULL with an error.
 */
LsbTrace *lsb_trace_open(const char *path, GError **error);

/* Write the timeline of SB, which has ended, and say a line of it on stderr. Frees TRACE. */
gboolean lsb_trace_write(LsbTrace *trace, const LsbSandbox *sb, GError **error);

/* --- the forms --- */

/* What there is to show of a sandbox. */
typedef struct {
    const char *name; /* the sandbox's */
    const GArray *spans;
    gint64 length;            /* microseconds */
    const char *const *notes; /* printable UTF-8 */
} LsbTraceView;

/* tracesvg.c: a picture; tracejson.c: the trace event format of Chrome. Caller frees. */
char *lsb_trace_svg(const LsbTraceView *view);
char *lsb_trace_json(const LsbTraceView *view);

#endif
