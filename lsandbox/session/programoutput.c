/* A program's stdout and stderr: to a descriptor, captured, or read by its owner. */
#include "session/programoutput.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>

#include "base/error.h"
#include "base/ownprocess.h"
#include "session/bytestore.h"
#include "session/descriptor.h"
#include "session/program_private.h"
#include "session/relay.h"
#include "shared/wire.h"

enum {
    GRANT_AT = WIRE_WINDOW / 4, /* credit goes back in pieces of this size: few frames, no stall */
};

static void output_grant(LsbProgram *p, enum wire_stream stream, gsize len)
{
    Output *o = output_of(p, stream);
    o->ungranted += (guint32)len;
    if (o->ungranted < GRANT_AT || o->eof || o->closed || !p->relay)
        return;
    o->outstanding += o->ungranted;
    lsb_relay_send_u32(p->relay, WIRE_CREDIT, wire_stream_id(p->id, stream), o->ungranted);
    o->ungranted = 0;
}

static void output_consume(LsbProgram *p, enum wire_stream stream, gsize len)
{
    Output *o = output_of(p, stream);
    o->start += len;
    if (o->start == o->buffer->len) {
        g_byte_array_set_size(o->buffer, 0);
        o->start = 0;
    } else if (o->start > WIRE_WINDOW) {
        g_byte_array_remove_range(o->buffer, 0, (guint)o->start);
        o->start = 0;
    }
    output_grant(p, stream, len);
}

/*
 * Close the descriptor at the end of the stream, because the reader of a pipe sees its end only
 * when the last descriptor of it is closed.
 */
static void output_let_go(Output *o)
{
    g_clear_handle_id(&o->source, g_source_remove);
    lsb_descriptor_close(&o->fd);
}

void lsb_program_close_output(LsbProgram *p, enum wire_stream stream)
{
    Output *o = output_of(p, stream);
    output_let_go(o);
    if (o->closed)
        return;
    o->closed = TRUE;
    lsb_store_clear(&o->captured);
    g_byte_array_set_size(o->buffer, 0);
    o->start = 0;
    if (!o->eof && p->relay)
        lsb_relay_send(p->relay, WIRE_CLOSE, wire_stream_id(p->id, stream), NULL, 0);
}

/* The descriptor took no more bytes, as errno says. That its reader went away is no failure. */
static void give_up_output(LsbProgram *p, enum wire_stream stream)
{
    if (errno != EPIPE && errno != ECONNRESET && !p->write_error)
        lsb_set_errno(&p->write_error, errno, "cannot write %s",
                      stream == WIRE_STDOUT ? "stdout" : "stderr");
    lsb_program_close_output(p, stream);
}

/* Write bytes to the descriptor; returns how many it took, or -1 with errno. */
static gssize output_write(Output *o, const guint8 *data, gsize len)
{
    gsize done = 0;
    while (done < len) {
        ssize_t n = lsb_descriptor_write(o->fd, data + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? (gssize)done : -1;
        done += (gsize)n;
    }
    return (gssize)done;
}

static gboolean output_writable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    LsbProgram *p = data;
    if (!lsb_process_is(p->owner)) /* the process that forked this one writes them */
        return G_SOURCE_REMOVE;
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++)
        output_update(p, s);
    return G_SOURCE_CONTINUE; /* output_update() removes the source when it is not needed */
}

void output_update(LsbProgram *p, enum wire_stream stream)
{
    Output *o = output_of(p, stream);
    if (o->mode != LSB_OUTPUT_FD || o->closed || o->fd < 0)
        return;
    if (output_pending(o) > 0) {
        gssize n = output_write(o, o->buffer->data + o->start, output_pending(o));
        if (n < 0) {
            give_up_output(p, stream);
            return;
        }
        output_consume(p, stream, (gsize)n);
    }
    if (output_pending(o) == 0 && o->eof)
        output_let_go(o);
    else if (output_pending(o) > 0 && !o->source)
        o->source = g_unix_fd_add(o->fd, G_IO_OUT | G_IO_ERR, output_writable, p);
    else if (output_pending(o) == 0)
        g_clear_handle_id(&o->source, g_source_remove);
}

static void output_to_fd(LsbProgram *p, enum wire_stream stream, const guint8 *data, gsize len)
{
    Output *o = output_of(p, stream);
    gssize n = output_pending(o) > 0 ? 0 : output_write(o, data, len);
    if (n < 0) {
        give_up_output(p, stream);
        return;
    }
    if ((gsize)n < len)
        g_byte_array_append(o->buffer, data + n, (guint)(len - (gsize)n));
    output_grant(p, stream, (gsize)n);
    output_update(p, stream);
}

static void output_capture(LsbProgram *p, enum wire_stream stream, const guint8 *data, gsize len)
{
    Output *o = output_of(p, stream);
    gsize room = MIN(o->captured.limit - o->captured.len, len);
    lsb_store_append(&o->captured, data, room);
    output_grant(p, stream, len);
    if (room == len || o->truncated)
        return;
    o->truncated = TRUE;
    lsb_program_kill(p, SIGKILL);
}

gboolean output_data(LsbProgram *p, enum wire_stream stream, const struct wire_frame *frame,
                     const char **what)
{
    Output *o = output_of(p, stream);
    if (o->eof || o->mode == LSB_OUTPUT_NULL || frame->length > o->outstanding) {
        *what = o->eof ? "data after the end of a stream" : "data beyond the credit given";
        return FALSE;
    }
    o->outstanding -= frame->length;
    if (o->closed)
        return TRUE; /* sent before the guest saw the host's CLOSE */
    if (o->mode == LSB_OUTPUT_FD)
        output_to_fd(p, stream, frame->payload, frame->length);
    else if (o->mode == LSB_OUTPUT_CAPTURE)
        output_capture(p, stream, frame->payload, frame->length);
    else if (o->mode == LSB_OUTPUT_DISCARD)
        output_grant(p, stream, frame->length);
    else
        g_byte_array_append(o->buffer, frame->payload, frame->length);
    return TRUE;
}

void output_init(Output *o, const LsbOutputTarget *target, gboolean tty)
{
    o->mode = tty && target->mode == LSB_OUTPUT_NULL ? LSB_OUTPUT_DISCARD : target->mode;
    o->fd = -1;
    o->buffer = g_byte_array_new();
    lsb_store_init(&o->captured, (gsize)MIN(target->limit, (guint64)G_MAXUINT / 2));
    o->outstanding = WIRE_WINDOW;
    o->eof = o->mode == LSB_OUTPUT_NULL;
    if (o->mode == LSB_OUTPUT_FD) {
        o->fd = lsb_descriptor_private(target->fd, TRUE);
        if (o->fd < 0) { /* a closed stdout swallows, as it does for a program run in the shell */
            o->mode = tty ? LSB_OUTPUT_DISCARD : LSB_OUTPUT_NULL;
            o->eof = !tty;
        }
    }
}

void output_clear(Output *o)
{
    output_let_go(o);
    lsb_store_clear(&o->captured);
    g_byte_array_unref(o->buffer);
}

gboolean lsb_program_is_piped(const LsbProgram *p, enum wire_stream stream)
{
    return stream == WIRE_STDIN ? p->input.piped : output_of(p, stream)->mode == LSB_OUTPUT_PIPE;
}

const guint8 *lsb_program_peek(const LsbProgram *p, enum wire_stream stream, gsize *len)
{
    const Output *o = output_of(p, stream);
    if (o->mode == LSB_OUTPUT_CAPTURE)
        return lsb_store_data(&o->captured, len);
    *len = output_pending(o);
    return o->buffer->data + o->start;
}

void lsb_program_consume(LsbProgram *p, enum wire_stream stream, gsize len)
{
    output_consume(p, stream, len);
}

gboolean lsb_program_stream_ended(const LsbProgram *p, enum wire_stream stream)
{
    const Output *o = output_of(p, stream);
    return o->eof || o->closed || !p->relay;
}

gboolean lsb_program_truncated(const LsbProgram *p, enum wire_stream stream)
{
    return output_of(p, stream)->truncated;
}
