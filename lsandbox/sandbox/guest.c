/* How a sandbox reacts to what its guest says over the session. */
#include "sandbox/guest.h"

#include "base/error.h"
#include "base/guestmarks.h"
#include "base/timeline.h"
#include "base/timelineguest.h"
#include "domain/scratch.h"
#include "domain/template/template.h"
#include "host/cgroup.h"
#include "recipe/driver.h"
#include "sandbox/ending.h"
#include "sandbox/lending.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "sandbox/start.h"
#include "sandbox/states.h"
#include "sandbox/templating.h"
#include "sandbox/timeouts.h"
#include "session/program.h"
#include "session/session.h"

/* More than any difference between clocks whose rates are right. */
#define MOST_DRIFT 1.05

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

void lsb_sandbox_send_plan(LsbSandbox *sb)
{
    lsb_session_send_plan(sb->session, sb->domain.guest.plan);
    lsb_timeline_await_guest(sb->domain.timeline, LSB_LANE_INIT, "plan");
}

/*
 * A machine whose kernel cannot renew its random numbers at once becomes no template, because all
 * machines that start from the template would draw the same numbers.
 */
static void forgo_unless_renewable(LsbSandbox *sb)
{
    if (!lsb_session_is_renewable(sb->session))
        lsb_template_forgo(&sb->domain.start.template_use,
                           "its kernel cannot renew its random numbers at once, as Linux 5.18 can");
}

/*
 * Whether more time has passed in the guest than QEMU has run: then its clock is too fast, and each
 * time-out inside fires too early. (A clock that is too slow cannot be told from a busy host, which
 * may take seconds from QEMU's start to the kernel's.) Checked before a template would keep it.
 */
static gboolean check_clock(LsbSandbox *sb)
{
    double guest = (double)lsb_session_clock(sb->session) / 1e9;
    double host = (double)(g_get_monotonic_time() - sb->domain.start.begun) / 1e6;
    if (sb->d->kind != LSB_MACHINE || !sb->domain.start.begun || guest <= host * MOST_DRIFT)
        return TRUE;
    g_autofree char *what = g_strdup_printf(
        "its clock is too fast: it counted %.1f s when its QEMU had run for %.1f s, because its "
        "kernel has got the rate of the processor's time stamp counter wrong; start it again, and "
        "look for tsc and clocksource in kernel.cmdline",
        guest, host);
    lsb_sandbox_boot_failed(sb, what);
    return FALSE;
}

static void on_guest_greeted(gpointer owner)
{
    LsbSandbox *sb = owner;
    if (!check_clock(sb))
        return;
    if (sb->domain.start.template_use.role == LSB_TEMPLATE_MAKE)
        forgo_unless_renewable(sb);
    lsb_timeline_reach(sb->domain.timeline, LSB_REACHED_HELLO);
    if (sb->domain.start.template_use.role == LSB_TEMPLATE_MAKE)
        lsb_sandbox_make_template(sb);
    else
        lsb_sandbox_send_plan(sb);
}

static void note_ready(LsbSandbox *sb, const LsbGuestMarks *marks)
{
    LsbTimeline *t = sb->domain.timeline;
    lsb_timeline_reach(t, LSB_REACHED_READY);
    lsb_timeline_phase_over(t);
    lsb_timeline_guest(t, marks, sb->d->kind == LSB_MACHINE);
}

static void on_guest_ready(gpointer owner, const LsbGuestMarks *marks)
{
    LsbSandbox *sb = owner;
    if (lsb_saving_ready(sb))
        return;
    note_ready(sb, marks);
    lsb_sandbox_set_state(sb, LSB_RUNNING);
    g_clear_handle_id(&sb->timers.boot, g_source_remove);
    lsb_scratch_drop_includes(sb->d);
    if (lsb_sandbox_is_in_use(sb))
        lsb_sandbox_begin_use(sb);
    else
        lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_STARTED});
}

/*
 * The guest could not carry out its plan. A template that it started from stays in the store,
 * because the recipe is the likelier cause; if it was the template, the cold start that follows
 * succeeds.
 */
static void on_guest_failed(gpointer owner, const char *what)
{
    LsbSandbox *sb = owner;
    if (sb->state == LSB_STARTING) {
        lsb_template_acquit(&sb->domain.start.template_use);
        lsb_sandbox_boot_failed(sb, what);
    } else {
        lsb_saving_failed(sb, what);
    }
}

static void on_guest_detached(gpointer owner, guint errnum, const char *what)
{
    lsb_saving_detached(owner, errnum, what);
}

/* Not only a pool asks for it: so does a machine's resumption (attach.c). */
static void on_guest_freshened(gpointer owner)
{
    lsb_sandbox_freshened(owner);
}

/* --- programs --- */

static gboolean may_spawn(gpointer owner, GError **error)
{
    return lsb_sandbox_check_spawn(owner, error);
}

/* Programs of a container are counted by the host's control groups. */
static void on_program_spawned(gpointer owner, LsbProgram *p)
{
    LsbSandbox *sb = owner;
    if (sb->d->kind == LSB_CONTAINER)
        lsb_program_count_from(p, lsb_groups_events(&sb->domain.process.groups));
    lsb_timeline_program_spawned(sb->domain.timeline, lsb_program_id(p));
}

static void on_program_started(gpointer owner, LsbProgram *p)
{
    LsbSandbox *sb = owner;
    lsb_timeline_program_started(sb->domain.timeline, lsb_program_id(p));
}

static void on_output_limit(gpointer owner, LsbProgram *p)
{
    lsb_sandbox_emit(owner, &(LsbSandboxEvent){.kind = LSB_EVENT_OUTPUT_LIMIT, .program = p});
}

static void on_program_ended(gpointer owner, LsbProgram *p)
{
    LsbSandbox *sb = owner;
    lsb_timeline_program_ended(sb->domain.timeline, lsb_program_id(p));
    if (sb->d->kind == LSB_CONTAINER)
        lsb_program_count_to(p, lsb_groups_events(&sb->domain.process.groups));
    lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_PROGRAM_ENDED, .program = p});
}

static void on_program_gone(gpointer owner)
{
    lsb_saving_program_gone(owner);
}

/* --- the end --- */

static void on_session_over(gpointer owner, const GError *reason)
{
    LsbSandbox *sb = owner;
    gboolean expected = lsb_session_said_bye(sb->session);
    g_autoptr(GError) error = NULL;
    if (lsb_sandbox_may_start_again(sb)) {
        lsb_sandbox_start_again(sb, reason ? reason->message : "it ended before it was ready");
        return;
    }
    if (reason)
        error = g_error_copy(reason);
    else if (sb->state == LSB_STARTING)
        error = boot_error(sb, "it ended before it was ready");
    else if (!expected && sb->d->kind == LSB_MACHINE &&
             lsb_groups_events(&sb->domain.process.groups).oom_kills > 0)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED,
                            "the machine took more than tuning.memory.hard, and was ended for it");
    else if (!expected)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the sandbox ended unexpectedly");
    lsb_sandbox_end(sb, error);
}

const LsbSessionEvents lsb_sandbox_session_events = {
    .may_spawn = may_spawn,
    .greeted = on_guest_greeted,
    .ready = on_guest_ready,
    .failed = on_guest_failed,
    .detached = on_guest_detached,
    .freshened = on_guest_freshened,
    .program_spawned = on_program_spawned,
    .program_started = on_program_started,
    .output_limit = on_output_limit,
    .program_ended = on_program_ended,
    .program_gone = on_program_gone,
    .closed = on_session_over,
};
