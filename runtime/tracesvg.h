/* A timeline as a picture: a band for each lane, a bar for each span in a row of its own. */
#ifndef LSANDBOX_RUNTIME_TRACESVG_H
#define LSANDBOX_RUNTIME_TRACESVG_H

#include "trace.h"

/* tracesvg.c: a picture; tracejson.c: the trace event format of Chrome. Caller frees. */
char *lsb_trace_svg(const LsbTraceView *view);

#endif
