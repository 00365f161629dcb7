/* A program in a sandbox: its request to the guest, its life, its frames, and how it ended. */
#include "session/program.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/limitevents.h"
#include "base/ownprocess.h"
#include "recipe/description.h"
#include "recipe/identity/rights.h"
#include "recipe/rlimits.h"
#include "session/guesttext.h"
#include "session/program_private.h"
#include "session/programinput.h"
#include "session/programoutput.h"
#include "session/relay.h"
#include "session/spec.h"
#include "shared/wire.h"

enum {
    USUAL_ROWS = 24, /* of a terminal whose size the host does not know; programs assume the same */
    USUAL_COLS = 80,
};

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
    return flags | (lsb_rights_no_new_privs(&spec->rights) ? 0 : WIRE_SPAWN_NEW_PRIVS);
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

static void put_spawn_filter(struct wire_buf *b, GBytes *filter)
{
    gsize len = 0;
    gconstpointer data = filter ? g_bytes_get_data(filter, &len) : NULL;
    wire_put_data(b, data, len);
}

static void send_spawn(LsbProgram *p, const LsbProgramSpec *spec)
{
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
    wire_put_u32(&b, lsb_rights_umask(&spec->rights));
    wire_put_u32(&b, spawn_flags(p, spec));
    wire_put_u64(&b, lsb_rights_capabilities(&spec->rights));
    put_limits(&b, &spec->rlimits);
    wire_put_u32(&b, spec->rows ? spec->rows : USUAL_ROWS);
    wire_put_u32(&b, spec->cols ? spec->cols : USUAL_COLS);
    put_spawn_filter(&b, spec->filter);
    if (b.failed) {
        g_autoptr(GError) reason = g_error_new_literal(
            LSB_ERROR, LSB_ERROR_FAILED, "the arguments and the environment are too long");
        lsb_program_lost(p, reason);
    } else
        lsb_relay_send(p->relay, WIRE_SPAWN, p->id, b.data, b.len);
    wire_buf_clear(&b);
}

static gboolean on_program_timeout(gpointer data)
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
    p->owner = lsb_process_owner();
    p->relay = relay;
    p->id = id;
    p->tty = spec->tty;
    p->service = spec->files;
    p->max_output = spec->max_output;
    input_init(p, spec, stdin_fd);
    output_init(&p->outputs[0], &targets[0], p->tty);
    output_init(&p->outputs[1], p->tty ? &(LsbOutputTarget){.mode = LSB_OUTPUT_NULL} : &targets[1],
                FALSE);
    lsb_program_spec_let_go(spec);
    send_spawn(p, spec);
    if (spec->timeout > 0 && p->end == LSB_END_NONE)
        p->timer = g_timeout_add((guint)(spec->timeout * 1000), on_program_timeout, p);
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
    g_clear_error(&p->reason);
    g_clear_error(&p->write_error);
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

const char *lsb_program_limit(const LsbProgram *p)
{
    static const struct {
        guint bit;
        const char *name;
    } limits[] = {{WIRE_LIMIT_MEMORY, "memory"},
                  {WIRE_LIMIT_PIDS, "pids"},
                  {WIRE_LIMIT_CPU, "cpu"},
                  {WIRE_LIMIT_FSIZE, "fsize"}};
    if (p->timed_out || lsb_program_cut(p))
        return p->timed_out ? "timeout" : "max_output";
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
        if (p->limits & limits[i].bit)
            return limits[i].name;
    return NULL;
}

void lsb_program_count_from(LsbProgram *p, LsbLimitEvents events)
{
    p->seen = events;
}

void lsb_program_count_to(LsbProgram *p, LsbLimitEvents events)
{
    gboolean well = p->end == LSB_END_EXITED && p->value == 0;
    if (p->end == LSB_END_SIGNALED && p->value != SIGKILL && p->limits)
        return; /* the signal of another limit */
    p->limits &= ~(guint)(WIRE_LIMIT_MEMORY | WIRE_LIMIT_PIDS);
    if (!well && events.oom_kills > p->seen.oom_kills)
        p->limits |= WIRE_LIMIT_MEMORY;
    if (!well && events.refused_forks > p->seen.refused_forks)
        p->limits |= WIRE_LIMIT_PIDS;
}

/*
 * What goes to a descriptor or is captured must be whole. What its owner reads is not waited for,
 * because the owner may never read it.
 */
static gboolean output_is_settled(const Output *o)
{
    if (o->closed || (o->mode != LSB_OUTPUT_FD && o->mode != LSB_OUTPUT_CAPTURE))
        return TRUE;
    return (!o->owed || o->eof) && (o->mode == LSB_OUTPUT_CAPTURE || output_pending(o) == 0);
}

gboolean lsb_program_settled(gpointer program)
{
    const LsbProgram *p = program;
    for (int i = 0; i < 2; i++)
        if (!output_is_settled(&p->outputs[i]))
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

static void note_program_end(LsbProgram *p, LsbEnd end, int value, const char *message)
{
    p->end = end;
    p->value = value;
    p->message = message && *message ? g_strdup(message) : NULL;
    g_clear_handle_id(&p->timer, g_source_remove);
    p->input.closed = TRUE;
    input_close_source(&p->input);
}

static gboolean on_exit_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    struct wire_reader r = lsb_relay_fields(frame);
    guint32 kind = wire_get_u32(&r), value = wire_get_u32(&r), errnum = wire_get_u32(&r);
    g_autofree char *tried = lsb_guest_text_read(&r);
    guint32 limits = wire_get_u32(&r), owed = wire_get_u32(&r);
    *what = "a bad exit report";
    if (r.failed || r.at != r.end || limits & ~(guint32)WIRE_LIMIT_ALL ||
        owed & ~(guint32)WIRE_OWED_ALL || p->end != LSB_END_NONE)
        return FALSE;
    p->limits = limits;
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++)
        output_of(p, s)->owed = (owed & wire_owed_bit(s)) && !output_of(p, s)->eof;
    input_finish(p); /* a child of the program may hold its stdin, and wait there for the end */
    if (kind == WIRE_EXITED && value <= 255) {
        note_program_end(p, LSB_END_EXITED, (int)value, NULL);
    } else if (kind == WIRE_SIGNALED && value > 0 && value < 128) {
        note_program_end(p, LSB_END_SIGNALED, (int)value, NULL);
    } else if (kind == WIRE_NOT_RUN && (value == 126 || value == 127)) {
        g_autofree char *message =
            g_strdup_printf("%s: %s", tried, g_strerror(lsb_guest_errno(errnum)));
        note_program_end(p, LSB_END_NOT_RUN, (int)value, message);
    } else {
        return FALSE;
    }
    return TRUE;
}

static gboolean on_stream_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    enum wire_stream stream = wire_stream_of(frame->id);
    if (stream == WIRE_STDIN)
        return on_stdin_frame(p, frame, what);
    if (stream <= WIRE_STDERR && frame->type == WIRE_DRAINED && output_of(p, stream)->owed) {
        output_of(p, stream)->owed = FALSE;
        return TRUE;
    }
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

static gboolean take_program_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    if (wire_is_of_stream(frame->type))
        return on_stream_frame(p, frame, what);
    if (frame->type == WIRE_EXIT)
        return on_exit_frame(p, frame, what);
    struct wire_reader r = lsb_relay_fields(frame);
    *what = "a bad start report";
    if (frame->type != WIRE_STARTED || p->pid || p->end != LSB_END_NONE)
        return FALSE;
    p->pid = wire_get_u32(&r);
    return !r.failed && p->pid;
}

gboolean lsb_program_frame(LsbProgram *p, const struct wire_frame *frame, const char **what)
{
    gboolean ok = take_program_frame(p, frame, what);
    tell_change(p);
    return ok;
}

void lsb_program_relay_drained(LsbProgram *p)
{
    input_update(p);
    tell_change(p);
}

void lsb_program_gone(LsbProgram *p)
{
    p->relay = NULL;
    for (enum wire_stream s = WIRE_STDOUT; s <= WIRE_STDERR; s++) {
        output_of(p, s)->eof = TRUE;
        output_update(p, s);
    }
    tell_change(p);
}

void lsb_program_lost(LsbProgram *p, const GError *reason)
{
    if (p->end == LSB_END_NONE) {
        p->reason = g_error_copy(reason);
        note_program_end(p, LSB_END_LOST, 0, reason->message);
    }
    lsb_program_gone(p);
}

const GError *lsb_program_reason(const LsbProgram *p)
{
    return p->reason;
}

const GError *lsb_program_write_error(const LsbProgram *p)
{
    gboolean own_failure = p->end != LSB_END_EXITED || p->value != 0;
    gboolean by_the_host = p->end == LSB_END_SIGNALED && p->value == SIGPIPE;
    return own_failure && !by_the_host ? NULL : p->write_error;
}

gboolean lsb_program_cut(const LsbProgram *p)
{
    return p->outputs[0].truncated || p->outputs[1].truncated;
}

guint64 lsb_program_read_limit(const LsbProgram *p)
{
    return p->max_output;
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
