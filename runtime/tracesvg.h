/* A timeline as a picture: a band for each lane, a bar for each span in a row of its own. */
#ifndef LSANDBOX_RUNTIME_TRACESVG_H
#define LSANDBOX_RUNTIME_TRACESVG_H

#include "trace.h"

/* The file's text, the caller's to free. */
char *lsb_trace_svg(const LsbTraceView *view);

#endif
