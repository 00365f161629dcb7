/* The session itself: its channel, what the host says to the guest, and its programs' numbers. */
#include "session/session.h"

#include <signal.h>
#include <sys/random.h>

#include "base/error.h"
#include "session/profile.h"
#include "session/program.h"
#include "session/relay.h"
#include "session/session_private.h"
#include "session/sessionframes.h"
#include "session/spec.h"
#include "shared/wire.h"

/* --- the object --- */

LsbSession *lsb_session_new(LsbProfile *profile, const LsbSessionEvents *events, gpointer owner)
{
    LsbSession *s = g_new0(LsbSession, 1);
    s->refs = 1;
    s->profile = profile;
    s->events = events;
    s->owner = owner;
    s->programs = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)lsb_program_unref);
    return s;
}

LsbSession *lsb_session_ref(LsbSession *s)
{
    s->refs++;
    return s;
}

void lsb_session_unref(LsbSession *s)
{
    if (!s || --s->refs > 0)
        return;
    lsb_session_close(s, NULL);
    g_hash_table_unref(s->programs);
    g_clear_error(&s->reason);
    g_free(s->kernel);
    lsb_profile_free(s->profile);
    g_free(s);
}

void lsb_session_disown(LsbSession *s)
{
    static const LsbSessionEvents none = {0};
    lsb_session_close(s, NULL);
    s->events = &none;
    s->owner = NULL;
}

/* --- the channel --- */

void lsb_session_connect(LsbSession *s, int fd, gboolean has_greeted)
{
    g_assert(s->state == SESSION_CLOSED);
    g_clear_error(&s->reason);
    s->relay = lsb_relay_new(fd, &lsb_session_relay_events, s);
    s->expects_no_hello = has_greeted;
    s->renewable = s->said_bye = s->freshening = s->freshen_again = FALSE;
    s->times_left = 0;
    s->state = has_greeted ? SESSION_AWAITS_PLAN : SESSION_AWAITS_HELLO;
}

static void lose_programs(LsbSession *s, const GError *given)
{
    g_autoptr(GError) stopped =
        g_error_new_literal(LSB_ERROR, LSB_ERROR_STOPPED, "the sandbox was stopped");
    const GError *reason = given ? given : stopped;
    GHashTableIter iter;
    gpointer p;
    g_hash_table_iter_init(&iter, s->programs);
    while (g_hash_table_iter_next(&iter, NULL, &p))
        lsb_program_lost(p, reason);
    g_hash_table_remove_all(s->programs);
}

void lsb_session_close(LsbSession *s, const GError *reason)
{
    s->state = SESSION_CLOSED;
    if (reason && !s->reason)
        s->reason = g_error_copy(reason);
    lose_programs(s, reason);
    g_clear_pointer(&s->relay, lsb_relay_free);
}

const GError *lsb_session_reason(const LsbSession *s)
{
    return s->reason;
}

gboolean lsb_session_hung_up(const LsbSession *s)
{
    return !s->relay || lsb_relay_hung_up(s->relay);
}

gint64 lsb_session_last_use(const LsbSession *s)
{
    return lsb_relay_last_use(s->relay);
}

gboolean lsb_session_said_bye(const LsbSession *s)
{
    return s->said_bye;
}

/* --- what the host asks of the guest --- */

/*
 * The field of PLAN and FRESHEN that makes a machine fresh: a seed for the guest's random pool,
 * which without KVM is ready only a second after a boot. A machine that gets the seed may then ask
 * for the host's time (TIME).
 */
static void put_seed(LsbSession *s, struct wire_buf *b)
{
    enum { SEED = 64 };
    guint8 seed[SEED] = {0};
    ssize_t got = s->profile->own_kernel ? getrandom(seed, sizeof seed, 0) : 0;
    wire_put_data(b, seed, got > 0 ? (size_t)got : 0);
    s->times_left = s->profile->own_kernel ? WIRE_MOST_TIMES : 0;
}

void lsb_session_send_plan(LsbSession *s, GBytes *plan)
{
    g_assert(s->state == SESSION_AWAITS_PLAN);
    struct wire_buf b = {0};
    gsize len;
    const void *data = g_bytes_get_data(plan, &len);
    s->state = SESSION_PLANNED;
    lsb_relay_send_u32(s->relay, WIRE_HELLO, 0, WIRE_VERSION);
    wire_put_bytes(&b, data, len);
    put_seed(s, &b);
    lsb_relay_send(s->relay, WIRE_PLAN, 0, b.data, b.len);
    wire_buf_clear(&b);
}

void lsb_session_detach(LsbSession *s)
{
    g_assert(s->state == SESSION_READY);
    s->state = SESSION_DETACHING;
    if (!s->freshening) /* otherwise lsb_session_freshened() sends it */
        lsb_relay_send(s->relay, WIRE_DETACH, 0, NULL, 0);
}

static void send_freshen(LsbSession *s)
{
    struct wire_buf b = {0};
    s->freshening = TRUE;
    put_seed(s, &b);
    wire_put_u64(&b, (guint64)g_get_real_time() * 1000);
    lsb_relay_send(s->relay, WIRE_FRESHEN, 0, b.data, b.len);
    wire_buf_clear(&b);
}

/* What is under way may have been answered before the machine was stopped: ask again after it. */
void lsb_session_freshen(LsbSession *s)
{
    if (s->state != SESSION_READY)
        return;
    if (s->freshening)
        s->freshen_again = TRUE;
    else
        send_freshen(s);
}

gboolean lsb_session_freshened(LsbSession *s)
{
    s->freshening = FALSE;
    s->times_left = 0;
    if (s->state == SESSION_DETACHING)
        lsb_relay_send(s->relay, WIRE_DETACH, 0, NULL, 0);
    else if (s->freshen_again)
        send_freshen(s);
    s->freshen_again = FALSE;
    return !s->freshening;
}

void lsb_session_shut_down(LsbSession *s)
{
    if (s->relay)
        lsb_relay_send(s->relay, WIRE_SHUTDOWN, 0, NULL, 0);
}

/* --- what is known of the guest --- */

const LsbProfile *lsb_session_profile(const LsbSession *s)
{
    return s->profile;
}

gboolean lsb_session_has_greeted(const LsbSession *s)
{
    return s->state > SESSION_AWAITS_HELLO;
}

guint64 lsb_session_clock(const LsbSession *s)
{
    return s->clock;
}

gboolean lsb_session_is_renewable(const LsbSession *s)
{
    return s->renewable;
}

const char *lsb_session_kernel(const LsbSession *s)
{
    return s->kernel;
}

/* --- programs --- */

/* A free number. A program keeps its number until its streams have ended, too. */
static guint32 next_program(LsbSession *s)
{
    do
        s->last_program = s->last_program % WIRE_MAX_PROGRAM + 1;
    while (g_hash_table_contains(s->programs, GUINT_TO_POINTER(s->last_program)));
    return s->last_program;
}

LsbProgram *lsb_session_spawn(LsbSession *s, LsbProgramSpec *spec, int stdin_fd,
                              const LsbOutputTarget targets[2], GError **error)
{
    if (s->events->may_spawn && !s->events->may_spawn(s->owner, error))
        return NULL;
    if (s->state != SESSION_READY) {
        lsb_fail(error, STATE, "the guest is not ready to run programs");
        return NULL;
    }
    LsbProgram *p = lsb_program_new(s->relay, next_program(s), spec, stdin_fd, targets);
    if (s->events->program_spawned && !lsb_program_is_service(p))
        s->events->program_spawned(s->owner, p);
    if (!lsb_program_finished(p))
        g_hash_table_insert(s->programs, GUINT_TO_POINTER(lsb_program_id(p)), lsb_program_ref(p));
    return p;
}

guint lsb_session_count_running(const LsbSession *s)
{
    GHashTableIter iter;
    gpointer program;
    int value;
    const char *message;
    guint n = 0;
    g_hash_table_iter_init(&iter, s->programs);
    while (g_hash_table_iter_next(&iter, NULL, &program))
        n += !lsb_program_is_service(program) &&
             lsb_program_end(program, &value, &message) == LSB_END_NONE;
    return n;
}

gboolean lsb_session_is_empty(const LsbSession *s)
{
    return g_hash_table_size(s->programs) == 0;
}

static gboolean is_service(gpointer id, gpointer program, gpointer none)
{
    (void)id;
    (void)none;
    return lsb_program_is_service(program);
}

gboolean lsb_session_has_service(const LsbSession *s)
{
    return g_hash_table_find(s->programs, is_service, NULL) != NULL;
}

void lsb_session_end_services(LsbSession *s)
{
    GHashTableIter iter;
    gpointer program;
    g_hash_table_iter_init(&iter, s->programs);
    while (g_hash_table_iter_next(&iter, NULL, &program))
        if (lsb_program_is_service(program))
            lsb_program_kill(program, SIGKILL);
}
