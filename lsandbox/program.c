#include "program.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "descriptor.h"
#include "store.h"

enum {
    USUAL_ROWS = 24, /* of a terminal: what programs take for granted where nobody says */
    USUAL_COLS = 80,
    GRANT_AT = WIRE_WINDOW / 4, /* credit goes back in pieces of this size: few frames, no stall */
    INPUT_QUEUE = 256 * 1024,   /* bytes a writer may leave queued before it waits */
};

/* One of stdout and stderr. */
typedef struct {
    LsbOutputMode mode;
    int fd; /* private; -1 when none, or nobody wants more */
    guint source;
    GByteArray *buffer;  /* bytes not yet written or read */
    gsize start;         /* the first byte of the buffer that counts */
    LsbStore captured;   /* all of them */
    guint32 outstanding; /* credit the guest still has */
    guint32 ungranted;   /* bytes passed on, not given back as credit yet */
    gboolean eof, closed, truncated;
} Output;

typedef struct {
    int fd;
    guint source;
    GByteArray *queue;
    gsize start;
    guint64 credit;
    gboolean piped;  /* the owner writes it */
    gboolean ending; /* EOF follows the queue */
    gboolean closed; /* EOF sent, or the guest said CLOSE */
} Input;

struct _LsbProgram {
    int refs;
    LsbRelay *relay; /* NULL when it is gone */
    guint32 id, pid;
    Input input;
    Output outputs[2];
    LsbEnd end;
    int value;
    char *message;
    guint timer;
    gboolean timed_out, tty, service;
    void (*changed)(gpointer data);
    gpointer changed_data;
};

static void input_update(LsbProgram *p);
static void output_update(LsbProgram *p, enum wire_stream stream);

static Output *output_of(const LsbProgram *p, enum wire_stream stream)
{
    return (Output *)&p->outputs[stream - WIRE_STDOUT];
}

static gsize output_pending(const Output *o)
{
    return o->buffer->len - o->start;
}

/* --- stdin -------------------------------------------------------------------------------------
 */

static void input_close_source(Input *in)
{
    g_clear_handle_id(&in->source, g_source_remove);
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}

static void input_finish(LsbProgram *p)
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

/* Move what can be moved, and listen to the descriptor exactly while more could. */
static void input_update(LsbProgram *p)
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

static void input_init(LsbProgram *p, const LsbProgramSpec *spec, int stdin_fd)
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

gboolean lsb_program_write(LsbProgram *p, const void *data, gsize len)
{
    Input *in = &p->input;
    if (in->closed || in->ending || in->fd >= 0)
        return FALSE;
    if (in->start > INPUT_QUEUE) { /* a steady writer may never see the queue empty */
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

/* --- stdout and stderr -------------------------------------------------------------------------
 */

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

/* At its end: a reader of the same pipe may wait for ours. */
static void output_let_go(Output *o)
{
    g_clear_handle_id(&o->source, g_source_remove);
    if (o->fd >= 0)
        close(o->fd);
    o->fd = -1;
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

/* Write bytes to the descriptor; returns how many it took, or -1 when nobody reads there any more.
 */
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
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++)
        output_update(p, s);
    return G_SOURCE_CONTINUE; /* output_update() removes the source when it is not needed */
}

/* Write what waits, and listen for room exactly while something waits. */
static void output_update(LsbProgram *p, enum wire_stream stream)
{
    Output *o = output_of(p, stream);
    if (o->mode != LSB_OUTPUT_FD || o->closed || o->fd < 0)
        return;
    if (output_pending(o) > 0) {
        gssize n = output_write(o, o->buffer->data + o->start, output_pending(o));
        if (n < 0) {
            lsb_program_close_output(p, stream);
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
        lsb_program_close_output(p, stream);
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

static gboolean output_data(LsbProgram *p, enum wire_stream stream, const struct wire_frame *frame,
                            const char **what)
{
    Output *o = output_of(p, stream);
    if (o->eof || o->mode == LSB_OUTPUT_NULL || frame->length > o->outstanding) {
        *what = o->eof ? "data after the end of a stream" : "data beyond the credit given";
        return FALSE;
    }
    o->outstanding -= frame->length;
    if (o->closed)
        return TRUE; /* sent before the guest saw our CLOSE */
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

static void output_init(Output *o, const LsbOutputTarget *target, gboolean tty)
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

static void output_clear(Output *o)
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

/* --- life --------------------------------------------------------------------------------------
 */

static void put_strings(struct wire_buf *b, char **strings)
{
    wire_put_u32(b, g_strv_length(strings));
    for (char **s = strings; *s; s++)
        wire_put_data(b, *s, strlen(*s));
}

static guint32 spawn_flags(const LsbProgram *p, const LsbProgramSpec *spec)
{
    guint32 flags = p->input.closed ? WIRE_SPAWN_NULL_STDIN : 0;
    flags |= p->outputs[0].mode == LSB_OUTPUT_NULL ? WIRE_SPAWN_NULL_STDOUT : 0;
    flags |= p->outputs[1].mode == LSB_OUTPUT_NULL ? WIRE_SPAWN_NULL_STDERR : 0;
    flags |= spec->tty ? WIRE_SPAWN_TTY : 0;
    flags |= spec->files ? WIRE_SPAWN_FILES : 0;
    return flags | (spec->privileged ? WIRE_SPAWN_NEW_PRIVS : 0);
}

static void put_limits(struct wire_buf *b, const LsbRlimits *limits)
{
    guint32 n = 0;
    for (guint i = 0; i < G_N_ELEMENTS(limits->of); i++)
        n += limits->of[i].set ? 1 : 0;
    wire_put_u32(b, n);
    for (guint i = 0; i < G_N_ELEMENTS(limits->of); i++)
        if (limits->of[i].set) {
            wire_put_u32(b, i);
            wire_put_u64(b, limits->of[i].soft);
            wire_put_u64(b, limits->of[i].hard);
        }
}

static void send_spawn(LsbProgram *p, const LsbProgramSpec *spec)
{
    static const guint32 usual_umask = 022;
    struct wire_buf b = {0};
    const LsbIdentity *id = spec->identity;
    put_strings(&b, spec->argv);
    put_strings(&b, spec->env);
    wire_put_str(&b, spec->cwd);
    wire_put_u32(&b, id->uid);
    wire_put_u32(&b, id->gid);
    wire_put_u32(&b, id->groups->len);
    for (guint i = 0; i < id->groups->len; i++)
        wire_put_u32(&b, g_array_index(id->groups, gid_t, i));
    wire_put_u32(&b, usual_umask);
    wire_put_u32(&b, spawn_flags(p, spec));
    wire_put_u64(&b, spec->privileged ? G_MAXUINT64 : 0);
    put_limits(&b, &spec->rlimits);
    wire_put_u32(&b, spec->rows ? spec->rows : USUAL_ROWS);
    wire_put_u32(&b, spec->cols ? spec->cols : USUAL_COLS);
    if (b.failed)
        lsb_program_lost(p, "the arguments and the environment are too long");
    else
        lsb_relay_send(p->relay, WIRE_SPAWN, p->id, b.data, b.len);
    wire_buf_clear(&b);
}

static gboolean on_timeout(gpointer data)
{
    LsbProgram *p = data;
    p->timer = 0;
    p->timed_out = TRUE;
    lsb_program_kill(p, SIGKILL);
    return G_SOURCE_REMOVE;
}

LsbProgram *lsb_program_new(LsbRelay *relay, guint32 id, LsbProgramSpec *spec, int stdin_fd,
                            const LsbOutputTarget targets[2])
{
    LsbProgram *p = g_new0(LsbProgram, 1);
    p->refs = 1;
    p->relay = relay;
    p->id = id;
    p->tty = spec->tty;
    p->service = spec->files;
    input_init(p, spec, stdin_fd);
    output_init(&p->outputs[0], &targets[0], p->tty);
    output_init(&p->outputs[1], p->tty ? &(LsbOutputTarget){.mode = LSB_OUTPUT_NULL} : &targets[1],
                FALSE);
    lsb_program_spec_let_go(spec);
    send_spawn(p, spec);
    if (spec->timeout > 0 && p->end == LSB_END_NONE)
        p->timer = g_timeout_add((guint)(spec->timeout * 1000), on_timeout, p);
    input_update(p);
    return p;
}

void lsb_program_targets(const LsbProgramSpec *spec, gboolean capture, LsbOutputTarget targets[2])
{
    static const LsbOutputMode modes[] = {[LSB_STDIO_PIPE] = LSB_OUTPUT_PIPE,
                                          [LSB_STDIO_NULL] = LSB_OUTPUT_NULL,
                                          [LSB_STDIO_INHERIT] = LSB_OUTPUT_FD,
                                          [LSB_STDIO_FD] = LSB_OUTPUT_FD};
    for (int i = 0; i < 2; i++) {
        LsbOutputMode mode = modes[spec->stdio[i + 1]];
        targets[i] = (LsbOutputTarget){
            .fd = lsb_program_spec_fd(spec, i + 1),
            .mode = mode == LSB_OUTPUT_PIPE && capture ? LSB_OUTPUT_CAPTURE : mode,
            .limit = spec->max_output};
    }
}

LsbProgram *lsb_program_ref(LsbProgram *p)
{
    p->refs++;
    return p;
}

void lsb_program_unref(LsbProgram *p)
{
    if (!p || --p->refs > 0)
        return;
    g_clear_handle_id(&p->timer, g_source_remove);
    input_close_source(&p->input);
    g_byte_array_unref(p->input.queue);
    for (int i = 0; i < 2; i++)
        output_clear(&p->outputs[i]);
    g_free(p->message);
    g_free(p);
}

gboolean lsb_program_is_service(const LsbProgram *p)
{
    return p->service;
}

guint32 lsb_program_id(const LsbProgram *p)
{
    return p->id;
}

guint32 lsb_program_pid(const LsbProgram *p)
{
    return p->pid;
}

LsbEnd lsb_program_end(const LsbProgram *p, int *value, const char **message)
{
    *value = p->value;
    *message = p->message;
    return p->end;
}

gboolean lsb_program_timed_out(const LsbProgram *p)
{
    return p->timed_out;
}

gboolean lsb_program_settled(gpointer program)
{
    const LsbProgram *p = program;
    for (int i = 0; i < 2; i++)
        if (p->outputs[i].mode == LSB_OUTPUT_FD && !p->outputs[i].closed &&
            output_pending(&p->outputs[i]) > 0)
            return FALSE;
    return p->end != LSB_END_NONE;
}

gboolean lsb_program_finished(const LsbProgram *p)
{
    return p->end != LSB_END_NONE && p->outputs[0].eof && p->outputs[1].eof;
}

void lsb_program_kill(LsbProgram *p, int signal)
{
    if (p->relay && !lsb_program_finished(p))
        lsb_relay_send_u32(p->relay, WIRE_SIGNAL, p->id, (guint32)signal);
}

gboolean lsb_program_resize(LsbProgram *p, guint rows, guint cols)
{
    struct wire_buf b = {0};
    if (!p->tty)
        return FALSE;
    wire_put_u32(&b, rows);
    wire_put_u32(&b, cols);
    if (p->relay && !lsb_program_finished(p) && !b.failed)
        lsb_relay_send(p->relay, WIRE_RESIZE, p->id, b.data, b.len);
    wire_buf_clear(&b);
    return TRUE;
}

static void set_end(LsbProgram *p, LsbEnd end, int value, const char *message)
{
    p->end = end;
    p->value = value;
    p->message = message && *message ? g_strdup(message) : NULL;
    g_clear_handle_id(&p->timer, g_source_remove);
    p->input.closed = TRUE;
    input_close_source(&p->input);
}

/* The guest's text goes to a terminal one day: keep it to one printable line (U+009B is a CSI,
 * too). */
static char *clean_text(struct wire_reader *r)
{
    enum { LONGEST = 1024 };
    size_t len;
    const uint8_t *data = wire_get_data(r, &len);
    g_autofree char *valid =
        g_utf8_make_valid(data ? (const char *)data : "", (gssize)MIN(len, LONGEST));
    GString *text = g_string_new(NULL);
    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        g_string_append_unichar(text, g_unichar_isprint(letter) ? letter : ' ');
    }
    return g_string_free(text, FALSE);
}

static gboolean on_exit_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 kind = wire_get_u32(&r), value = wire_get_u32(&r), errnum = wire_get_u32(&r);
    g_autofree char *tried = clean_text(&r);
    *what = "a bad exit report";
    if (r.failed || p->end != LSB_END_NONE)
        return FALSE;
    input_finish(p); /* a child of the program may hold its stdin, and wait there for the end */
    if (kind == WIRE_EXITED && value <= 255) {
        set_end(p, LSB_END_EXITED, (int)value, NULL);
    } else if (kind == WIRE_SIGNALED && value > 0 && value < 128) {
        set_end(p, LSB_END_SIGNALED, (int)value, NULL);
    } else if (kind == WIRE_NOT_RUN && (value == 126 || value == 127)) {
        g_autofree char *message =
            g_strdup_printf("%s: %s", tried, g_strerror((int)MIN(errnum, 4095u)));
        set_end(p, LSB_END_NOT_RUN, (int)value, message);
    } else {
        return FALSE;
    }
    return TRUE;
}

static gboolean on_stdin_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
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
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 granted = wire_get_u32(&r);
    if (r.failed || granted > WIRE_WINDOW || in->credit + granted > WIRE_WINDOW) {
        *what = "more credit than the window holds";
        return FALSE;
    }
    in->credit += granted;
    input_update(p);
    return TRUE;
}

static gboolean on_stream_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    enum wire_stream stream = wire_stream_of(frame->id);
    if (stream == WIRE_STDIN)
        return on_stdin_frame(p, frame, what);
    if (stream > WIRE_STDERR || (frame->type != WIRE_DATA && frame->type != WIRE_EOF)) {
        *what = "a frame that this stream cannot have";
        return FALSE;
    }
    if (frame->type == WIRE_DATA)
        return output_data(p, stream, frame, what);
    *what = "the end of a stream that has ended";
    gboolean first = !output_of(p, stream)->eof;
    output_of(p, stream)->eof = TRUE;
    output_update(p, stream);
    return first;
}

void lsb_program_watch(LsbProgram *p, void (*changed)(gpointer data), gpointer data)
{
    p->changed = changed;
    p->changed_data = data;
}

static void tell_change(LsbProgram *p)
{
    if (p->changed)
        p->changed(p->changed_data);
}

static gboolean on_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    if (frame->type <= WIRE_CLOSE)
        return on_stream_frame(p, frame, what);
    if (frame->type == WIRE_EXIT)
        return on_exit_frame(p, frame, what);
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    *what = "a bad start report";
    if (frame->type != WIRE_STARTED || p->pid || p->end != LSB_END_NONE)
        return FALSE;
    p->pid = wire_get_u32(&r);
    return !r.failed && p->pid;
}

gboolean lsb_program_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    gboolean ok = on_frame(p, frame, what);
    tell_change(p);
    return ok;
}

void lsb_program_relay_drained(LsbProgram *p)
{
    input_update(p);
    tell_change(p);
}

void lsb_program_lost(LsbProgram *p, const char *message)
{
    if (p->end == LSB_END_NONE)
        set_end(p, LSB_END_LOST, 0, message);
    p->relay = NULL;
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++) {
        output_of(p, s)->eof = TRUE;
        output_update(p, s);
    }
    tell_change(p);
}

gboolean lsb_program_cut(const LsbProgram *p)
{
    return p->outputs[0].truncated || p->outputs[1].truncated;
}

void lsb_program_abandon(LsbProgram *p)
{
    if (!p)
        return;
    if (p->end == LSB_END_NONE)
        lsb_program_kill(p, SIGKILL);
    lsb_program_close_input(p);
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++)
        lsb_program_close_output(p, s);
    lsb_program_unref(p);
}
