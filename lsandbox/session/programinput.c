/* A program's stdin: from a descriptor, from bytes of its table, or from lsb_program_write(). */
#include "session/programinput.h"

#include <errno.h>
#include <glib-unix.h>

#include "base/ownprocess.h"
#include "session/descriptor.h"
#include "session/program_private.h"
#include "session/relay.h"
#include "session/spec.h"
#include "shared/units.h"
#include "shared/wire.h"

enum {
    INPUT_QUEUE = 256 * KiB, /* bytes a writer may leave queued before it waits */
};

void input_close_source(Input *in)
{
    g_clear_handle_id(&in->source, g_source_remove);
    lsb_descriptor_close(&in->fd);
}

void input_finish(LsbProgram *p)
{
    if (!p->input.closed && p->relay)
        lsb_relay_send(p->relay, WIRE_EOF, wire_stream_id(p->id, WIRE_STDIN), NULL, 0);
    p->input.closed = TRUE;
    input_close_source(&p->input);
}

static void input_send_queue(LsbProgram *p)
{
    Input *in = &p->input;
    while (in->queue->len > in->start && in->credit > 0 && !lsb_relay_full(p->relay)) {
        gsize n = MIN(MIN(in->queue->len - in->start, in->credit), WIRE_MAX_PAYLOAD);
        lsb_relay_send(p->relay, WIRE_DATA, wire_stream_id(p->id, WIRE_STDIN),
                       in->queue->data + in->start, n);
        in->start += n;
        in->credit -= n;
    }
    if (in->start == in->queue->len) {
        g_byte_array_set_size(in->queue, 0);
        in->start = 0;
        if (in->ending)
            input_finish(p);
    }
}

static gboolean input_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    LsbProgram *p = data;
    if (!lsb_process_is(p->owner)) /* the bytes are for the process that forked this one */
        return G_SOURCE_REMOVE;
    Input *in = &p->input;
    gsize most = MIN(in->credit, WIRE_MAX_PAYLOAD);
    guint8 *room = lsb_relay_reserve(p->relay);
    ssize_t n = lsb_descriptor_read(fd, room, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (n <= 0) {
        in->source = 0;
        input_finish(p);
        return G_SOURCE_REMOVE;
    }
    in->credit -= (gsize)n;
    lsb_relay_commit(p->relay, WIRE_DATA, wire_stream_id(p->id, WIRE_STDIN), (gsize)n);
    if (in->credit > 0 && !lsb_relay_full(p->relay))
        return G_SOURCE_CONTINUE;
    in->source = 0;
    return G_SOURCE_REMOVE;
}

void input_update(LsbProgram *p)
{
    Input *in = &p->input;
    if (in->closed || !p->relay)
        return;
    input_send_queue(p);
    gboolean wanted = in->fd >= 0 && in->credit > 0 && !lsb_relay_full(p->relay);
    if (wanted && !in->source)
        in->source = g_unix_fd_add(in->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, input_readable, p);
    else if (!wanted)
        g_clear_handle_id(&in->source, g_source_remove);
}

void input_init(LsbProgram *p, const LsbProgramSpec *spec, int stdin_fd)
{
    Input *in = &p->input;
    in->fd = -1;
    in->queue = g_byte_array_new();
    in->credit = WIRE_WINDOW;
    in->closed = spec->stdio[0] == LSB_STDIO_NULL && !spec->input;
    in->piped = spec->stdio[0] == LSB_STDIO_PIPE && !spec->input;
    if (spec->input) {
        gsize len;
        const void *data = g_bytes_get_data(spec->input, &len);
        g_byte_array_append(in->queue, data, (guint)len);
        in->ending = TRUE;
    } else if (stdin_fd >= 0) {
        in->fd = lsb_descriptor_private(stdin_fd, FALSE);
        in->ending = in->fd < 0; /* a closed stdin is an empty one */
    }
}

gboolean on_stdin_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    Input *in = &p->input;
    if (frame->type == WIRE_CLOSE) {
        in->closed = TRUE;
        input_close_source(in);
        return TRUE;
    }
    if (frame->type != WIRE_CREDIT) {
        *what = "a frame that this stream cannot have";
        return FALSE;
    }
    struct wire_reader r = lsb_relay_fields(frame);
    guint32 granted = wire_get_u32(&r);
    if (r.failed || granted > WIRE_WINDOW || in->credit + granted > WIRE_WINDOW) {
        *what = "more credit than the window holds";
        return FALSE;
    }
    in->credit += granted;
    input_update(p);
    return TRUE;
}

gboolean lsb_program_write(LsbProgram *p, const void *data, gsize len)
{
    Input *in = &p->input;
    if (in->closed || in->ending || in->fd >= 0)
        return FALSE;
    if (in->start > INPUT_QUEUE) { /* the queue of a steady writer is never empty */
        g_byte_array_remove_range(in->queue, 0, (guint)in->start);
        in->start = 0;
    }
    g_byte_array_append(in->queue, data, (guint)len);
    input_update(p);
    return TRUE;
}

gboolean lsb_program_writable(gpointer program)
{
    LsbProgram *p = program;
    return p->input.closed || !p->relay || p->input.queue->len - p->input.start < INPUT_QUEUE;
}

void lsb_program_close_input(LsbProgram *p)
{
    p->input.ending = TRUE;
    input_update(p);
}
