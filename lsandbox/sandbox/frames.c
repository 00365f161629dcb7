/* What a sandbox hears from its guest, over the relay. Every word of it is checked. */
#include "sandbox/frames.h"

#include <sys/random.h>

#include "base/error.h"
#include "base/guestmarks.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/scratch.h"
#include "domain/template/template.h"
#include "host/cgroup.h"
#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/lending.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "sandbox/start.h"
#include "sandbox/templating.h"
#include "sandbox/timeouts.h"
#include "session/guesttext.h"
#include "session/program.h"
#include "session/relay.h"
#include "shared/wire.h"

static GError *boot_error(LsbSandbox *sb, const char *what)
{
    g_autofree char *log = lsb_sandbox_log(sb);
    GError *error = g_error_new(LSB_ERROR, LSB_ERROR_BOOT_FAILED, "the %s did not come up: %s%s%s",
                                sb->d->kind == LSB_MACHINE ? "machine" : "container", what,
                                *log ? "; its console ends with:\n" : "", log);
    lsb_error_set_detail(error, "console", log);
    return error;
}

void lsb_sandbox_boot_failed(LsbSandbox *sb, const char *what)
{
    if (lsb_sandbox_may_start_again(sb)) {
        lsb_sandbox_start_again(sb, what);
        return;
    }
    g_autoptr(GError) error = boot_error(sb, what);
    lsb_sandbox_end(sb, error);
}

/* --- the boot --- */

/*
 * What must be fresh at this moment: a seed for the guest's random pool, which else is ready a
 * second after a boot without KVM, and the time, for which it asks then (on_time()).
 */
void lsb_sandbox_put_fresh(LsbSandbox *sb, struct wire_buf *b)
{
    enum { SEED = 64 };
    guint8 seed[SEED] = {0};
    gboolean machine = sb->d->kind == LSB_MACHINE;
    ssize_t got = machine ? getrandom(seed, sizeof seed, 0) : 0;
    wire_put_data(b, seed, got > 0 ? (size_t)got : 0);
    sb->times_left = machine ? WIRE_MOST_TIMES : 0;
}

void lsb_sandbox_send_plan(LsbSandbox *sb)
{
    struct wire_buf b = {0};
    gsize len;
    const void *plan = g_bytes_get_data(sb->domain.plan, &len);
    lsb_relay_send_u32(sb->relay, WIRE_HELLO, 0, WIRE_VERSION);
    wire_put_bytes(&b, plan, len);
    lsb_sandbox_put_fresh(sb, &b);
    lsb_relay_send(sb->relay, WIRE_PLAN, 0, b.data, b.len);
    lsb_timeline_await_guest(sb->domain.timeline, LSB_LANE_INIT, "plan");
    wire_buf_clear(&b);
}

/* At once: the guest measures how long this takes. */
static void on_time(LsbSandbox *sb)
{
    struct wire_buf b = {0};
    if (sb->times_left == 0) {
        lsb_relay_fail(sb->relay, "TIME out of turn");
        return;
    }
    sb->times_left--;
    wire_put_u64(&b, (guint64)g_get_real_time() * 1000);
    lsb_relay_send(sb->relay, WIRE_TIME, 0, b.data, b.len);
    wire_buf_clear(&b);
}

/* Its clones would all have the same random numbers to come. */
static void forgo_unless_renewable(LsbSandbox *sb, guint32 flags)
{
    if (sb->domain.template.role == LSB_TEMPLATE_MAKE && !(flags & WIRE_HELLO_RENEWABLE))
        lsb_template_forgo(&sb->domain.template,
                           "its kernel cannot renew its random numbers at once, as Linux 5.18 can");
}

static void on_hello(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 version = wire_get_u32(&r), flags = r.at < r.end ? wire_get_u32(&r) : 0;
    if (sb->domain.from_template && !r.failed && version == WIRE_VERSION)
        return; /* it saw us come: its answer is on the way */
    if (r.failed || sb->greeted || version != WIRE_VERSION) {
        lsb_relay_fail(sb->relay, "its version of the relay is %u, ours is %d", version,
                       WIRE_VERSION);
        return;
    }
    sb->greeted = TRUE;
    sb->renewable = flags & WIRE_HELLO_RENEWABLE;
    forgo_unless_renewable(sb, flags);
    lsb_timeline_reach(sb->domain.timeline, LSB_REACHED_HELLO);
    if (sb->domain.template.role == LSB_TEMPLATE_MAKE)
        lsb_sandbox_make_template(sb);
    else
        lsb_sandbox_send_plan(sb);
}

/* FALSE: what the guest says of its times breaks the protocol. */
static gboolean note_ready(LsbSandbox *sb, struct wire_reader *r)
{
    LsbGuestMarks marks;
    LsbTimeline *t = sb->domain.timeline;
    if (!lsb_guest_marks_read(&marks, r))
        return FALSE;
    lsb_timeline_reach(t, LSB_REACHED_READY);
    lsb_timeline_phase_over(t);
    lsb_timeline_guest(t, &marks, sb->d->kind == LSB_MACHINE);
    return TRUE;
}

static void on_ready(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    if (lsb_saving_ready(sb))
        return;
    if (!sb->greeted || sb->state != LSB_STARTING) {
        lsb_relay_fail(sb->relay, "READY out of turn");
        return;
    }
    g_autofree char *kernel = lsb_guest_text_read(&r);
    if (!note_ready(sb, &r)) {
        lsb_relay_fail(sb->relay, "a bad READY");
        return;
    }
    sb->kernel = g_steal_pointer(&kernel);
    sb->times_left = 0;
    sb->state = LSB_RUNNING;
    g_clear_handle_id(&sb->boot_timer, g_source_remove);
    lsb_scratch_drop_includes(sb->d);
    if (sb->held)
        lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_STARTED});
    else
        lsb_sandbox_begin_use(sb);
}

enum { LARGEST_ERRNO = 4095 };

static void on_plan_failed(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 errnum = wire_get_u32(&r);
    g_autofree char *tried = lsb_guest_text_read(&r);
    g_autofree char *what =
        g_strdup_printf("%s: %s", tried, g_strerror((int)MIN(errnum, (guint32)LARGEST_ERRNO)));
    if (sb->state == LSB_STARTING) {
        lsb_template_acquit(&sb->domain.template); /* most likely the recipe's fault: tried again */
        lsb_sandbox_boot_failed(sb, what);
    } else if (!lsb_saving_failed(sb, what)) {
        lsb_relay_fail(sb->relay, "FAILED out of turn");
    }
}

static void on_detached(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 errnum = wire_get_u32(&r);
    g_autofree char *what = lsb_guest_text_read(&r);
    if (!lsb_saving_detached(sb, MIN(errnum, (guint32)LARGEST_ERRNO), what))
        lsb_relay_fail(sb->relay, "DETACHED out of turn");
}

/* --- programs --- */

static guint32 program_of(const struct wire_frame *frame)
{
    return frame->type <= WIRE_CLOSE ? wire_program_of(frame->id) : frame->id;
}

/* What the guest said about the stdin of a program while our own last word on it was under way. */
static gboolean is_late(const LsbSandbox *sb, const struct wire_frame *frame)
{
    return (frame->type == WIRE_CREDIT || frame->type == WIRE_CLOSE) &&
           wire_stream_of(frame->id) == WIRE_STDIN && program_of(frame) > 0 &&
           program_of(frame) <= sb->last_program;
}

/* Tell the listener what this frame has changed: an end, or an output over its limit. */
static void emit_program_events(LsbSandbox *sb, LsbProgram *p, LsbEnd before, gboolean was_cut)
{
    LsbSandboxEvent event = {.kind = LSB_EVENT_OUTPUT_LIMIT, .program = p};
    int value;
    const char *message;
    if (!was_cut && lsb_program_cut(p))
        lsb_sandbox_emit(sb, &event);
    event.kind = LSB_EVENT_PROGRAM_ENDED;
    if (before == LSB_END_NONE && lsb_program_end(p, &value, &message) != LSB_END_NONE)
        lsb_sandbox_emit(sb, &event);
}

static gboolean hand_to_program(LsbSandbox *sb, LsbProgram *p, const struct wire_frame *frame,
                                const char **what)
{
    int value;
    const char *message;
    LsbEnd before = lsb_program_end(p, &value, &message);
    gboolean was_cut = lsb_program_cut(p);
    if (!lsb_program_frame(p, frame, what))
        return FALSE;
    if (frame->type == WIRE_STARTED)
        lsb_timeline_program_started(sb->domain.timeline, frame->id);
    if (frame->type == WIRE_EXIT)
        lsb_timeline_program_ended(sb->domain.timeline, frame->id);
    if (frame->type == WIRE_EXIT && sb->d->kind == LSB_CONTAINER)
        lsb_program_count_to(p, lsb_groups_events(&sb->domain.groups));
    if (!lsb_program_is_service(p))
        emit_program_events(sb, p, before, was_cut);
    return TRUE;
}

static void on_program_frame(LsbSandbox *sb, const struct wire_frame *frame)
{
    const char *what = "a frame for a program that does not run";
    LsbProgram *p = g_hash_table_lookup(sb->programs, GUINT_TO_POINTER(program_of(frame)));
    if (!p && is_late(sb, frame))
        return;
    if (!p || !hand_to_program(sb, p, frame, &what)) {
        lsb_relay_fail(sb->relay, "%s (type %u)", what, frame->type);
        return;
    }
    if (lsb_program_finished(p)) {
        lsb_program_lost(p, NULL); /* it needs the relay no more, and may outlive it */
        g_hash_table_remove(sb->programs, GUINT_TO_POINTER(lsb_program_id(p)));
        lsb_saving_program_gone(sb);
    }
}

/* --- the relay's events --- */

static void on_frame(gpointer self, const struct wire_frame *frame)
{
    LsbSandbox *sb = self;
    switch (frame->type) {
    case WIRE_HELLO:
        on_hello(sb, frame);
        break;
    case WIRE_TIME:
        on_time(sb);
        break;
    case WIRE_READY:
        on_ready(sb, frame);
        break;
    case WIRE_FAILED:
        on_plan_failed(sb, frame);
        break;
    case WIRE_DETACHED:
        on_detached(sb, frame);
        break;
    case WIRE_FRESHENED:
        lsb_sandbox_freshened(sb);
        break;
    case WIRE_BYE:
        sb->ended_by_guest = TRUE;
        break;
    default:
        on_program_frame(sb, frame);
    }
}

static void on_drained(gpointer self)
{
    LsbSandbox *sb = self;
    GHashTableIter iter;
    gpointer p;
    g_hash_table_iter_init(&iter, sb->programs);
    while (g_hash_table_iter_next(&iter, NULL, &p))
        lsb_program_relay_drained(p);
}

static void on_closed(gpointer self, const GError *reason)
{
    LsbSandbox *sb = self;
    g_autoptr(GError) error = NULL;
    if (lsb_sandbox_may_start_again(sb)) {
        lsb_sandbox_start_again(sb, reason ? reason->message : "it ended before it was ready");
        return;
    }
    if (reason)
        error = g_error_copy(reason);
    else if (sb->state == LSB_STARTING)
        error = boot_error(sb, "it ended before it was ready");
    else if (!sb->ended_by_guest && sb->d->kind == LSB_MACHINE &&
             lsb_groups_events(&sb->domain.groups).oom_kills > 0)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED,
                            "the machine took more than tuning.memory.hard, and was ended for it");
    else if (!sb->ended_by_guest)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the sandbox ended unexpectedly");
    lsb_sandbox_end(sb, error);
}

const LsbRelayEvents lsb_sandbox_relay_events = {on_frame, on_drained, on_closed};
