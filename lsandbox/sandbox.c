#include "sandbox.h"

#include <string.h>
#include <sys/random.h>

#include "error.h"
#include "start.h"
#include "wait.h"

enum {
    /* The slowest honest boot seen: no KVM, 8 at once on 2 cores, 12 s. A container takes 0.1 s. */
    BOOT_TIMEOUT_TCG = 60,
    BOOT_TIMEOUT_KVM = 20,
    BOOT_TIMEOUT_CONTAINER = 20,
    LOG_TAIL = 2048, /* bytes of the console that go into a message */
};

/* The domain's work in a worker thread: starting it, or ending it. */
typedef struct {
    GThread *thread;
    gint done;
    GError *error;
} Worker;

struct _LsbSandbox {
    int refs;
    LsbDescription *d;
    LsbState state;
    LsbDomain domain;
    Worker starter, ender;
    LsbRelay *relay;
    gboolean greeted, ended_by_guest;
    GHashTable *programs; /* id -> LsbProgram */
    guint32 last_program;
    guint boot_timer, life_timer;
    GError *reason;
    char *kernel;
    gint64 started_at;
    LsbTimes times;
};

static void sandbox_end(LsbSandbox *sb, const GError *reason);

/* --- the console -------------------------------------------------------------------------------
 */

/* The end of the console's file, as printable lines: the guest wrote it. */
char *lsb_sandbox_log(const LsbSandbox *sb)
{
    g_autofree char *data = NULL;
    gsize len = 0;
    if (!sb->domain.console || !g_file_get_contents(sb->domain.console, &data, &len, NULL))
        return g_strdup("");
    gsize start = len > LOG_TAIL ? len - LOG_TAIL : 0;
    GString *out = g_string_new(NULL);
    for (gsize i = start; i < len; i++)
        if (g_ascii_isprint(data[i]) || data[i] == '\n')
            g_string_append_c(out, data[i]);
    return g_strstrip(g_string_free(out, FALSE));
}

static GError *boot_error(LsbSandbox *sb, int code, const char *what)
{
    g_autofree char *log = lsb_sandbox_log(sb);
    return g_error_new(LSB_ERROR, code, "the %s did not come up: %s%s%s",
                       sb->d->kind == LSB_MACHINE ? "machine" : "container", what,
                       *log ? "; its console ends with:\n" : "", log);
}

static void boot_failed(LsbSandbox *sb, int code, const char *what)
{
    g_autoptr(GError) error = boot_error(sb, code, what);
    sandbox_end(sb, error);
}

/* --- frames ------------------------------------------------------------------------------------
 */

/*
 * The plan, and what must be fresh at this moment: the time, and a seed for the guest's random
 * pool, which else is ready a second after a boot without KVM.
 */
static void send_plan(LsbSandbox *sb)
{
    enum { SEED = 64 };
    guint8 seed[SEED];
    struct wire_buf b = {0};
    gsize len;
    const void *plan = g_bytes_get_data(sb->domain.plan, &len);
    wire_put_bytes(&b, plan, len);
    if (sb->d->kind == LSB_MACHINE && getrandom(seed, sizeof seed, 0) == SEED) {
        wire_put_u64(&b, (guint64)g_get_real_time() * 1000);
        wire_put_data(&b, seed, sizeof seed);
    }
    lsb_relay_send(sb->relay, WIRE_PLAN, 0, b.data, b.len);
    wire_buf_clear(&b);
}

static void on_hello(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 version = wire_get_u32(&r);
    if (r.failed || sb->greeted || version != WIRE_VERSION) {
        lsb_relay_fail(sb->relay, "its version of the relay is %u, ours is %d", version,
                       WIRE_VERSION);
        return;
    }
    sb->greeted = TRUE;
    sb->times.hello = (double)(g_get_monotonic_time() - sb->started_at) / 1000;
    lsb_relay_send_u32(sb->relay, WIRE_HELLO, 0, WIRE_VERSION);
    send_plan(sb);
}

static gboolean on_life_over(gpointer data)
{
    LsbSandbox *sb = data;
    sb->life_timer = 0;
    g_autoptr(GError) error = g_error_new(LSB_ERROR, LSB_ERROR_TIMEOUT,
                                          "the sandbox's timeout of %g s is over", sb->d->timeout);
    sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

/* The guest's word for a text: short, printable, valid. */
static char *guest_text(struct wire_reader *r)
{
    size_t len;
    const uint8_t *data = wire_get_data(r, &len);
    GString *out = g_string_new(NULL);
    for (size_t i = 0; data && i < MIN(len, 512); i++)
        g_string_append_c(out, g_ascii_isprint(data[i]) ? (char)data[i] : '?');
    return g_string_free(out, FALSE);
}

static void on_ready(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    if (!sb->greeted || sb->state != LSB_STARTING) {
        lsb_relay_fail(sb->relay, "READY out of turn");
        return;
    }
    sb->kernel = guest_text(&r);
    sb->state = LSB_RUNNING;
    sb->times.ready = (double)(g_get_monotonic_time() - sb->started_at) / 1000;
    g_clear_handle_id(&sb->boot_timer, g_source_remove);
    if (sb->d->timeout > 0)
        sb->life_timer = g_timeout_add((guint)(sb->d->timeout * 1000), on_life_over, sb);
}

static void on_plan_failed(LsbSandbox *sb, const struct wire_frame *frame)
{
    struct wire_reader r = {frame->payload, frame->payload + frame->length, false};
    guint32 errnum = wire_get_u32(&r);
    g_autofree char *tried = guest_text(&r);
    g_autofree char *what = g_strdup_printf("%s: %s", tried, g_strerror((int)MIN(errnum, 4095u)));
    boot_failed(sb, LSB_ERROR_BOOT_FAILED, what);
}

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

static void on_program_frame(LsbSandbox *sb, const struct wire_frame *frame)
{
    const char *what = "a frame for a program that does not run";
    LsbProgram *p = g_hash_table_lookup(sb->programs, GUINT_TO_POINTER(program_of(frame)));
    if (!p && is_late(sb, frame))
        return;
    if (!p || !lsb_program_frame(p, frame, &what)) {
        lsb_relay_fail(sb->relay, "%s (type %u)", what, frame->type);
        return;
    }
    if (lsb_program_finished(p)) {
        lsb_program_lost(p, NULL); /* it needs the relay no more, and may outlive it */
        g_hash_table_remove(sb->programs, GUINT_TO_POINTER(lsb_program_id(p)));
    }
}

static void on_frame(gpointer self, const struct wire_frame *frame)
{
    LsbSandbox *sb = self;
    switch (frame->type) {
    case WIRE_HELLO:
        on_hello(sb, frame);
        break;
    case WIRE_READY:
        on_ready(sb, frame);
        break;
    case WIRE_FAILED:
        on_plan_failed(sb, frame);
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
    if (sb->state == LSB_STARTING)
        error = boot_error(sb, LSB_ERROR_BOOT_FAILED,
                           reason ? reason->message : "it ended before it was ready");
    else if (reason)
        error = g_error_copy(reason);
    else if (!sb->ended_by_guest)
        error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED, "the sandbox ended unexpectedly");
    sandbox_end(sb, error);
}

static const LsbRelayEvents relay_events = {on_frame, on_drained, on_closed};

/* --- ending ------------------------------------------------------------------------------------
 */

static gpointer end_domain(gpointer data)
{
    LsbSandbox *sb = data;
    lsb_domain_end(&sb->domain);
    g_atomic_int_set(&sb->ender.done, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

static void lose_programs(LsbSandbox *sb, const char *message)
{
    GHashTableIter iter;
    gpointer p;
    g_hash_table_iter_init(&iter, sb->programs);
    while (g_hash_table_iter_next(&iter, NULL, &p))
        lsb_program_lost(p, message);
    g_hash_table_remove_all(sb->programs);
}

/* Stop listening, tell the programs, and let a thread end the domain. Any state but NEW; once. */
static void sandbox_end(LsbSandbox *sb, const GError *reason)
{
    if (sb->state == LSB_STOPPED)
        return;
    sb->state = LSB_STOPPED;
    if (reason)
        sb->reason = g_error_copy(reason);
    g_clear_handle_id(&sb->boot_timer, g_source_remove);
    g_clear_handle_id(&sb->life_timer, g_source_remove);
    lose_programs(sb, reason ? reason->message : "the sandbox was stopped");
    lsb_domain_hang_up_soon(&sb->domain);
    g_clear_pointer(&sb->relay, lsb_relay_free);
    sb->ender.thread = g_thread_new("lsandbox-end", end_domain, sb);
}

static gboolean end_is_over(gpointer data)
{
    LsbSandbox *sb = data;
    return !sb->ender.thread || g_atomic_int_get(&sb->ender.done);
}

static gboolean starter_is_over(gpointer data)
{
    LsbSandbox *sb = data;
    return !sb->starter.thread; /* joined on the main context, which then knows the outcome */
}

static void join(Worker *worker)
{
    if (worker->thread)
        g_thread_join(g_steal_pointer(&worker->thread));
}

void lsb_sandbox_destroy(LsbSandbox *sb)
{
    if (sb->state == LSB_NEW)
        sb->state = LSB_STOPPED;
    lsb_wait_until(starter_is_over, sb, -1); /* libvirt's calls end by themselves */
    sandbox_end(sb, NULL);
    lsb_wait_until(end_is_over, sb, -1);
    join(&sb->ender);
}

static gboolean is_stopped(gpointer data)
{
    return ((LsbSandbox *)data)->state == LSB_STOPPED;
}

gboolean lsb_sandbox_stop(LsbSandbox *sb, double timeout, GError **error)
{
    gboolean clean = TRUE;
    if (sb->state == LSB_RUNNING) {
        lsb_relay_send(sb->relay, WIRE_SHUTDOWN, 0, NULL, 0);
        clean = lsb_wait_until(is_stopped, sb, timeout);
    }
    lsb_sandbox_destroy(sb);
    return clean || lsb_fail(error, TIMEOUT, "the guest did not stop within %g s and was destroyed",
                             timeout);
}

/* --- starting ----------------------------------------------------------------------------------
 */

static gboolean on_boot_timeout(gpointer data)
{
    LsbSandbox *sb = data;
    sb->boot_timer = 0;
    boot_failed(sb, LSB_ERROR_BOOT_FAILED,
                sb->greeted ? "the guest init did not carry out its plan in time"
                            : "nothing was heard of it in time");
    return G_SOURCE_REMOVE;
}

static guint boot_timeout(const LsbSandbox *sb)
{
    guint usual = sb->d->kind == LSB_CONTAINER        ? BOOT_TIMEOUT_CONTAINER
                  : sb->domain.accel == LSB_ACCEL_KVM ? BOOT_TIMEOUT_KVM
                                                      : BOOT_TIMEOUT_TCG;
    return sb->d->boot_timeout > 0 ? (guint)(sb->d->boot_timeout * 1000) : usual * 1000;
}

/* Back on the main context: the domain is there, or it is not. */
static gboolean on_domain_started(gpointer data)
{
    LsbSandbox *sb = data;
    join(&sb->starter);
    sb->times.domain = (double)(g_get_monotonic_time() - sb->started_at) / 1000;
    if (sb->state != LSB_STARTING)
        ; /* ended meanwhile: the ender has the domain */
    else if (sb->starter.error) {
        sandbox_end(sb, sb->starter.error);
    } else {
        sb->boot_timer = g_timeout_add(boot_timeout(sb), on_boot_timeout, sb);
        sb->relay = lsb_relay_new(sb->domain.relay, &relay_events, sb);
        sb->domain.relay = -1;
    }
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

static gpointer start_domain(gpointer data)
{
    LsbSandbox *sb = data;
    if (sb->d->kind == LSB_MACHINE)
        lsb_machine_start(sb->d, &sb->domain, &sb->starter.error);
    else
        lsb_container_start(sb->d, &sb->domain, &sb->starter.error);
    /* not g_main_context_invoke(), which would call it in this thread when no other turns the
     * context */
    g_idle_add_full(G_PRIORITY_HIGH, on_domain_started, sb, NULL);
    return NULL;
}

gboolean lsb_sandbox_start_begin(LsbSandbox *sb, GError **error)
{
    if (sb->state != LSB_NEW)
        return lsb_fail(error, STATE, "a sandbox is started once; this one is %s",
                        lsb_sandbox_state_name(sb));
    lsb_connection_init();
    sb->state = LSB_STARTING;
    sb->started_at = g_get_monotonic_time();
    sb->starter.thread = g_thread_new("lsandbox-start", start_domain, lsb_sandbox_ref(sb));
    return TRUE;
}

gboolean lsb_sandbox_start_over(gpointer data)
{
    return ((LsbSandbox *)data)->state != LSB_STARTING;
}

gboolean lsb_sandbox_start_result(LsbSandbox *sb, GError **error)
{
    if (sb->state == LSB_RUNNING)
        return TRUE;
    lsb_sandbox_destroy(sb); /* waits until nothing is left */
    if (error)
        *error = sb->reason ? g_error_copy(sb->reason)
                            : g_error_new(LSB_ERROR, LSB_ERROR_STOPPED,
                                          "the sandbox was stopped while it started");
    return FALSE;
}

gboolean lsb_sandbox_start(LsbSandbox *sb, GError **error)
{
    if (!lsb_sandbox_start_begin(sb, error))
        return FALSE;
    lsb_wait_until(lsb_sandbox_start_over, sb, -1); /* the boot timer bounds it */
    return lsb_sandbox_start_result(sb, error);
}

/* --- programs ----------------------------------------------------------------------------------
 */

/* Numbers of programs whose streams are still open stay taken. */
static guint32 next_program(LsbSandbox *sb)
{
    do
        sb->last_program = sb->last_program % WIRE_MAX_PROGRAM + 1;
    while (g_hash_table_contains(sb->programs, GUINT_TO_POINTER(sb->last_program)));
    return sb->last_program;
}

static gboolean check_running(const LsbSandbox *sb, GError **error)
{
    if (sb->state == LSB_RUNNING)
        return TRUE;
    if (sb->reason) {
        g_propagate_error(error, g_error_copy(sb->reason));
        return FALSE;
    }
    return lsb_fail(error, STATE, "the sandbox is %s, not running", lsb_sandbox_state_name(sb));
}

LsbProgram *lsb_sandbox_spawn(LsbSandbox *sb, LsbProgramSpec *spec, int stdin_fd,
                              const LsbOutputTarget targets[2], GError **error)
{
    if (!check_running(sb, error))
        return NULL;
    LsbProgram *p = lsb_program_new(sb->relay, next_program(sb), spec, stdin_fd, targets);
    if (!lsb_program_finished(p))
        g_hash_table_insert(sb->programs, GUINT_TO_POINTER(lsb_program_id(p)), lsb_program_ref(p));
    return p;
}

/* --- the object --------------------------------------------------------------------------------
 */

LsbSandbox *lsb_sandbox_new(LsbDescription *d)
{
    LsbSandbox *sb = g_new0(LsbSandbox, 1);
    sb->refs = 1;
    sb->d = d;
    lsb_domain_init(&sb->domain);
    sb->programs = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)lsb_program_unref);
    return sb;
}

LsbSandbox *lsb_sandbox_ref(LsbSandbox *sb)
{
    sb->refs++;
    return sb;
}

void lsb_sandbox_unref(LsbSandbox *sb)
{
    if (!sb || sb->refs > 1) {
        if (sb)
            sb->refs--;
        return;
    }
    lsb_sandbox_destroy(sb); /* with the last reference still held */
    if (--sb->refs > 0)
        return;
    g_hash_table_unref(sb->programs);
    g_clear_error(&sb->reason);
    g_clear_error(&sb->starter.error);
    g_free(sb->domain.xml);
    g_free(sb->kernel);
    lsb_description_free(sb->d);
    g_free(sb);
}

const LsbDescription *lsb_sandbox_description(const LsbSandbox *sb)
{
    return sb->d;
}

LsbState lsb_sandbox_state(const LsbSandbox *sb)
{
    return sb->state;
}

const char *lsb_sandbox_state_name(const LsbSandbox *sb)
{
    static const char *const names[] = {"new", "starting", "running", "stopped"};
    return names[sb->state];
}

const LsbTimes *lsb_sandbox_times(const LsbSandbox *sb)
{
    return &sb->times;
}

const char *lsb_sandbox_kernel(const LsbSandbox *sb)
{
    return sb->kernel;
}

const char *lsb_sandbox_accel(const LsbSandbox *sb)
{
    if (sb->d->kind != LSB_MACHINE || sb->domain.accel == LSB_ACCEL_AUTO)
        return NULL;
    return sb->domain.accel == LSB_ACCEL_KVM ? "kvm" : "tcg";
}

char *lsb_sandbox_xml(const LsbSandbox *sb, GError **error)
{
    if (sb->domain.xml && starter_is_over((gpointer)sb))
        return g_strdup(sb->domain.xml);
    return sb->d->kind == LSB_MACHINE ? lsb_machine_xml(sb->d, error)
                                      : lsb_container_xml(sb->d, error);
}

const GError *lsb_sandbox_reason(const LsbSandbox *sb)
{
    return sb->reason;
}
