/* `lsandbox run --trace FILE`: the timeline of a run as a file, and as a line on stderr. */
#ifndef LSANDBOX_RUNTIME_TRACE_H
#define LSANDBOX_RUNTIME_TRACE_H

#include <glib.h>

#include "sandbox/sandbox.h"

typedef struct _LsbTrace LsbTrace;

/*
 * Open a trace, so that a PATH that ends neither in ".svg" nor ".json", or cannot be written, is
 * refused before anything is started. PATH itself changes only with lsb_trace_write(). NULL with
 * LSB_ERROR_INVALID or LSB_ERRNO.
 */
LsbTrace *lsb_trace_open(const char *path, GError **error);

/* Write the timeline of SB, which has ended, and print a line of it on stderr. Takes TRACE over.
 * FALSE with LSB_ERRNO. */
gboolean lsb_trace_write(LsbTrace *trace, const LsbSandbox *sb, GError **error);

/* What tracesvg.c and tracejson.c show of a sandbox. */
typedef struct {
    const char *name; /* the sandbox's */
    const GArray *spans;
    gint64 length;            /* microseconds */
    const char *const *notes; /* printable UTF-8 */
} LsbTraceView;

#endif
