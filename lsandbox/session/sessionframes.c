/*
 * What a session hears from its guest. Each frame is checked against the session's state; one that
 * does not fit ends the channel as LSB_ERROR_PROTOCOL.
 */
#include "session/sessionframes.h"

#include <errno.h>

#include "base/guestmarks.h"
#include "session/guesttext.h"
#include "session/program.h"
#include "session/relay.h"
#include "session/session_private.h"
#include "shared/wire.h"

/* --- the boot --- */

static void on_hello(LsbSession *s, const struct wire_frame *frame)
{
    struct wire_reader r = lsb_relay_fields(frame);
    guint32 version = wire_get_u32(&r), flags = r.at < r.end ? wire_get_u32(&r) : 0;
    guint64 clock = r.at < r.end ? wire_get_u64(&r) : 0;
    if (s->expects_no_hello && !r.failed && version == WIRE_VERSION)
        return; /* it greets each host that opens the port; the answer to the plan follows */
    if (r.failed || s->state != SESSION_AWAITS_HELLO || version != WIRE_VERSION) {
        lsb_relay_fail(s->relay, "its version of the relay is %u, ours is %d", version,
                       WIRE_VERSION);
        return;
    }
    s->state = SESSION_AWAITS_PLAN;
    s->renewable = flags & WIRE_HELLO_RENEWABLE;
    s->clock = clock;
    if (s->events->greeted)
        s->events->greeted(s->owner);
}

/* Answered at once, because the guest measures how long the answer takes. */
static void on_time(LsbSession *s)
{
    struct wire_buf b = {0};
    if (s->times_left == 0) {
        lsb_relay_fail(s->relay, "TIME out of turn");
        return;
    }
    s->times_left--;
    wire_put_u64(&b, (guint64)g_get_real_time() * 1000);
    lsb_relay_send(s->relay, WIRE_TIME, 0, b.data, b.len);
    wire_buf_clear(&b);
}

static void on_ready(LsbSession *s, const struct wire_frame *frame)
{
    struct wire_reader r = lsb_relay_fields(frame);
    LsbGuestMarks marks;
    if (s->state != SESSION_PLANNED) {
        lsb_relay_fail(s->relay, "READY out of turn");
        return;
    }
    g_autofree char *kernel = lsb_guest_text_read(&r);
    if (!lsb_guest_marks_read(&marks, &r)) {
        lsb_relay_fail(s->relay, "a bad READY");
        return;
    }
    g_free(s->kernel);
    s->kernel = g_steal_pointer(&kernel);
    s->times_left = 0;
    s->state = SESSION_READY;
    if (s->events->ready)
        s->events->ready(s->owner, &marks);
}

/* FAILED may come at any time before the first READY; after that only as the answer to a plan. */
static void on_plan_failed(LsbSession *s, const struct wire_frame *frame)
{
    struct wire_reader r = lsb_relay_fields(frame);
    guint32 errnum = wire_get_u32(&r);
    g_autofree char *tried = lsb_guest_text_read(&r);
    if (s->state != SESSION_PLANNED && s->kernel) {
        lsb_relay_fail(s->relay, "FAILED out of turn");
        return;
    }
    g_autofree char *what =
        g_strdup_printf("%s: %s", tried, g_strerror(lsb_guest_errno(errnum)));
    if (s->events->failed)
        s->events->failed(s->owner, what);
}

static void on_detached(LsbSession *s, const struct wire_frame *frame)
{
    struct wire_reader r = lsb_relay_fields(frame);
    guint32 errnum = wire_get_u32(&r);
    g_autofree char *what = lsb_guest_text_read(&r);
    if (s->state != SESSION_DETACHING) {
        lsb_relay_fail(s->relay, "DETACHED out of turn");
        return;
    }
    s->state = errnum == EBUSY ? SESSION_READY : SESSION_AWAITS_PLAN;
    if (s->events->detached)
        s->events->detached(s->owner, (guint)lsb_guest_errno(errnum), what);
}

static void on_freshened(LsbSession *s)
{
    if (!s->freshening) {
        lsb_relay_fail(s->relay, "FRESHENED out of turn");
        return;
    }
    if (lsb_session_freshened(s) && s->events->freshened)
        s->events->freshened(s->owner);
}

/* --- programs --- */

static guint32 frame_program(const struct wire_frame *frame)
{
    return wire_is_of_stream(frame->type) ? wire_program_of(frame->id) : frame->id;
}

/*
 * Whether FRAME is about the stdin of a program that no longer has a number, because the guest sent
 * it before the host's last frame about that stdin had arrived.
 */
static gboolean is_late(const LsbSession *s, const struct wire_frame *frame)
{
    return (frame->type == WIRE_CREDIT || frame->type == WIRE_CLOSE) &&
           wire_stream_of(frame->id) == WIRE_STDIN && frame_program(frame) > 0 &&
           frame_program(frame) <= s->last_program;
}

static void tell_program(LsbSession *s, void (*event)(gpointer, LsbProgram *), LsbProgram *p)
{
    if (event && !lsb_program_is_service(p))
        event(s->owner, p);
}

/* P takes one exit report only, so an exit report that was taken is the end of P. */
static gboolean take_frame(LsbSession *s, LsbProgram *p, const struct wire_frame *frame,
                           const char **what)
{
    gboolean was_cut = lsb_program_cut(p);
    if (!lsb_program_frame(p, frame, what))
        return FALSE;
    if (frame->type == WIRE_STARTED)
        tell_program(s, s->events->program_started, p);
    if (!was_cut && lsb_program_cut(p))
        tell_program(s, s->events->output_limit, p);
    if (frame->type == WIRE_EXIT)
        tell_program(s, s->events->program_ended, p);
    return TRUE;
}

static void on_program_frame(LsbSession *s, const struct wire_frame *frame)
{
    const char *what = "a frame for a program that does not run";
    LsbProgram *p = g_hash_table_lookup(s->programs, GUINT_TO_POINTER(frame_program(frame)));
    if (!p && is_late(s, frame))
        return;
    if (!p || !take_frame(s, p, frame, &what)) {
        lsb_relay_fail(s->relay, "%s (type %u)", what, frame->type);
        return;
    }
    if (lsb_program_finished(p)) {
        lsb_program_gone(p); /* P no longer needs the relay, and may outlive it */
        g_hash_table_remove(s->programs, GUINT_TO_POINTER(lsb_program_id(p)));
        if (s->events->program_gone)
            s->events->program_gone(s->owner);
    }
}

/* --- the relay's events --- */

static void on_session_frame(gpointer self, const struct wire_frame *frame)
{
    LsbSession *s = self;
    switch (frame->type) {
    case WIRE_HELLO:
        on_hello(s, frame);
        break;
    case WIRE_TIME:
        on_time(s);
        break;
    case WIRE_READY:
        on_ready(s, frame);
        break;
    case WIRE_FAILED:
        on_plan_failed(s, frame);
        break;
    case WIRE_DETACHED:
        on_detached(s, frame);
        break;
    case WIRE_FRESHENED:
        on_freshened(s);
        break;
    case WIRE_BYE:
        s->said_bye = TRUE;
        break;
    default:
        on_program_frame(s, frame);
    }
}

static void on_session_drained(gpointer self)
{
    LsbSession *s = self;
    GHashTableIter iter;
    gpointer p;
    g_hash_table_iter_init(&iter, s->programs);
    while (g_hash_table_iter_next(&iter, NULL, &p))
        lsb_program_relay_drained(p);
}

static void on_session_closed(gpointer self, const GError *reason)
{
    LsbSession *s = self;
    if (s->events->closed)
        s->events->closed(s->owner, reason);
    else
        lsb_session_close(s, reason);
}

const LsbRelayEvents lsb_session_relay_events = {on_session_frame, on_session_drained,
                                                 on_session_closed};
