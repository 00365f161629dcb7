/*
 * A timeline in the trace event format, which chrome://tracing and ui.perfetto.dev show
 * ("Trace Event Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU):
 * a complete event for each span, a thread for each lane, a global instant for each note.
 */
#ifndef LSANDBOX_RUNTIME_TRACEJSON_H
#define LSANDBOX_RUNTIME_TRACEJSON_H

#include "trace.h"

/* The file's text, the caller's to free. */
char *lsb_trace_json(const LsbTraceView *view);

#endif
