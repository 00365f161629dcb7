/* `lsandbox run --trace FILE`: the timeline of a run as a file, and as a line on stderr. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/timeline.h"
#include "base/timelinespans.h"
#include "complain.h"
#include "recipe/value/value.h"
#include "sandbox/sandbox.h"
#include "session/guesttext.h"
#include "shared/newfile.h"
#include "shared/writeall.h"
#include "tracejson.h"
#include "tracesvg.h"

typedef char *(*Form)(const LsbTraceView *view);

static const struct {
    const char *ending;
    Form write;
} forms[] = {
    {.ending = ".svg", .write = lsb_trace_svg},
    {.ending = ".json", .write = lsb_trace_json},
};

struct _LsbTrace {
    char *path, *name; /* NAME: in the directory DIR */
    Form form;
    int dir;
    struct new_file file;
};

static Form form_of(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (g_str_has_suffix(path, forms[i].ending))
            return forms[i].write;
    return NULL;
}

static void trace_free(LsbTrace *trace)
{
    new_file_drop(&trace->file);
    if (trace->dir >= 0)
        close(trace->dir);
    g_free(trace->path);
    g_free(trace->name);
    g_free(trace);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbTrace, trace_free)

/* --- the file --- */

/* Open a new file, which will replace a regular file at the path. Fails for a device or a directory
 * there. FALSE with errno. */
static gboolean open_trace_file(LsbTrace *trace)
{
    struct stat st;
    g_autofree char *dir = g_path_get_dirname(trace->path);
    trace->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (trace->dir < 0)
        return FALSE;
    if (lstat(trace->path, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
        return FALSE;
    }
    return new_file_open(&trace->file, trace->dir) == 0;
}

LsbTrace *lsb_trace_open(const char *path, GError **error)
{
    Form form = form_of(path);
    if (!form) {
        g_autofree char *shown = lsb_text_show(path);
        lsb_fail(error, INVALID, "--trace: expected a file name that ends in .svg or .json, got %s",
                 shown);
        return NULL;
    }
    g_autoptr(LsbTrace) trace = g_new0(LsbTrace, 1);
    trace->path = g_strdup(path);
    trace->name = g_path_get_basename(path);
    trace->form = form;
    trace->dir = trace->file.fd = -1;
    if (open_trace_file(trace))
        return g_steal_pointer(&trace);
    lsb_set_errno(error, errno, "--trace: cannot write %s", path);
    return NULL;
}

/* Write the file, with the mode that the user's umask gives a new one. FALSE with errno. */
static gboolean write_trace_file(LsbTrace *trace, const char *text)
{
    mode_t mask = umask(0);
    umask(mask);
    return write_all(trace->file.fd, text, strlen(text)) == 0 &&
           fchmod(trace->file.fd, 0666 & ~mask) == 0 &&
           new_file_commit(&trace->file, trace->name) == 0;
}

/* --- the line --- */

static void add_part(GString *line, const char *name, gint64 microseconds)
{
    gint64 ms = (microseconds + 500) / 1000;
    const char *separator = g_str_has_suffix(line->str, ": ") ? "" : ", ";
    if (ms > 0)
        g_string_append_printf(line, "%s%s %" G_GINT64_FORMAT, separator, name, ms);
}

/* Print the sum of each lane, and as "other" the time in which no span of the timeline went on. */
static void say_line(const LsbTraceView *view)
{
    gint64 sums[LSB_LANES], other = view->length;
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "trace: %" G_GINT64_FORMAT " ms: ", (view->length + 500) / 1000);
    lsb_spans_sums(view->spans, sums);
    for (guint i = 0; i < LSB_LANES; i++) {
        add_part(line, lsb_lane_names[i], sums[i]);
        other -= sums[i];
    }
    add_part(line, "other", other);
    g_autofree char *notes = g_strjoinv("; ", (char **)view->notes);
    if (*notes)
        g_string_append_printf(line, " (%s)", notes);
    lsb_complain("%s", line->str);
}

/* --- file and line --- */

static char **printable_notes(LsbTimeline *t)
{
    char **notes = lsb_timeline_notes(t);
    for (char **note = notes; *note; note++) {
        char *text = lsb_guest_text(*note, strlen(*note));
        g_free(*note);
        *note = text;
    }
    return notes;
}

gboolean lsb_trace_write(LsbTrace *opened, const LsbSandbox *sb, GError **error)
{
    g_autoptr(LsbTrace) trace = opened;
    LsbTimeline *t = lsb_sandbox_timeline(sb);
    g_autoptr(GArray) spans = lsb_timeline_spans(t);
    g_auto(GStrv) notes = printable_notes(t);
    LsbTraceView view = {.name = lsb_sandbox_description(sb)->name,
                         .spans = spans,
                         .length = lsb_spans_length(spans),
                         .notes = (const char *const *)notes};
    g_autofree char *text = trace->form(&view);
    say_line(&view);
    if (write_trace_file(trace, text))
        return TRUE;
    lsb_set_errno(error, errno, "--trace: cannot write %s", trace->path);
    return FALSE;
}
