/* `--trace FILE`: where the time of one start went. */
#ifndef LSANDBOX_RUNTIME_TRACE_H
#define LSANDBOX_RUNTIME_TRACE_H

#include <glib.h>

#include "sandbox/sandbox.h"

typedef struct _LsbTrace LsbTrace;

/*
 * Make sure, before anything is started, that PATH has the ending of a form, ".svg" or ".json", and
 * can be written. Nothing is seen of it until lsb_trace_write(). NULL with LSB_ERROR_INVALID or
 * LSB_ERRNO.
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

#endif
