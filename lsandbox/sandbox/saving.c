/* Saving a machine that runs to a file, and letting it run on. */
#include "sandbox/saving.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/paths.h"
#include "base/thread.h"
#include "domain/machinesave.h"
#include "domain/template/savedmachine.h"
#include "host/keeper.h"
#include "recipe/driver.h"
#include "recipe/recipefile.h"
#include "recipe/value/value.h"
#include "sandbox/control.h"
#include "sandbox/ending.h"
#include "sandbox/guest.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/start.h"
#include "sandbox/states.h"
#include "session/session.h"

/*
 * The phases of a saving while the sandbox is RUNNING, and what leads from one to the next:
 *
 *               no stream is open,     DETACHED          memory is taken,      READY, or
 *               or 1 s is over                           or cannot be          the machine ends
 *     LINGERING ----------> DETACHING --------> TAKING ------------> ATTACHING ----------> ATTACHED
 *                               |                                                             ^
 *                               | DETACHED with EBUSY: the guest serves on                    |
 *                               +-------------------------------------------------------------+
 *
 * The writer thread may still write the files when the machine is ATTACHED.
 */
typedef enum {
    LINGERING, /* streams of programs that have ended are about to close */
    DETACHING, /* the guest unmounts what the host exports */
    TAKING,    /* the machine stands still, and its memory is taken */
    ATTACHING, /* the guest carries out its plan again */
    ATTACHED,  /* the machine runs on, or has ended */
} Phase;

struct _LsbSaving {
    Phase phase;
    char *path; /* of the directory to make; NULL: a scratch directory, for forks */
    LsbValue *recipe;
    virDomainPtr domain;
    LsbKeeper *keeper;
    GThread *writer;
    guint timer;
    LsbSavedMachine *saved;
    GError *error;
};

void lsb_saving_free(LsbSaving *s)
{
    if (!s)
        return;
    g_clear_handle_id(&s->timer, g_source_remove);
    g_free(s->path);
    lsb_value_free(s->recipe);
    if (s->domain)
        virDomainFree(s->domain);
    lsb_saved_machine_unref(s->saved);
    g_clear_error(&s->error);
    g_free(s);
}

gboolean lsb_sandbox_is_saved_now(const LsbSandbox *sb)
{
    return sb->saving && sb->saving->phase != ATTACHED;
}

gboolean lsb_sandbox_save_over(gpointer data)
{
    const LsbSandbox *sb = data;
    return !sb->saving || (sb->saving->phase == ATTACHED && !sb->saving->writer);
}

/* --- whether it can be saved --- */

static gboolean check_state(const LsbSandbox *sb, GError **error)
{
    if (sb->attached.yes)
        return lsb_fail(error, UNSUPPORTED, "sandbox %s is saved by the process that started it",
                        sb->d->name);
    if (sb->d->kind != LSB_MACHINE)
        return lsb_fail(error, UNSUPPORTED,
                        "sandbox %s is a container, and libvirt's LXC driver cannot save one",
                        sb->d->name);
    return lsb_sandbox_check_idle(sb, error);
}

static gboolean check_kind(const LsbSandbox *sb, GError **error)
{
    const char *obstacle = lsb_machine_save_obstacle(sb->d);
    if (!sb->domain.connection || !lsb_drivers[sb->domain.connection->driver].in_process)
        obstacle = "only qemu:///embed can do that";
    /* A machine that resumed from a template can: others do not become templates. */
    if (!obstacle && !lsb_session_is_renewable(sb->session) && !sb->domain.start.resumed)
        obstacle = "its kernel cannot renew its random numbers at once, as Linux 5.18 can";
    return !obstacle || lsb_fail(error, UNSUPPORTED, "this machine cannot be saved: %s", obstacle);
}

/* --- the guest's part --- */

static gboolean on_guest_timeout(gpointer data)
{
    LsbSandbox *sb = data;
    sb->saving->timer = 0;
    g_autoptr(GError) error =
        g_error_new(LSB_ERROR, LSB_ERROR_TIMEOUT,
                    "the guest init did not %s in time while the sandbox was saved",
                    sb->saving->phase == DETACHING ? "let go of its mounts" : "carry out its plan");
    lsb_sandbox_end(sb, error);
    return G_SOURCE_REMOVE;
}

static void set_phase(LsbSandbox *sb, Phase phase)
{
    LsbSaving *s = sb->saving;
    s->phase = phase;
    g_clear_handle_id(&s->timer, g_source_remove);
    if (phase == DETACHING || phase == ATTACHING)
        s->timer = g_timeout_add(lsb_sandbox_boot_timeout(sb), on_guest_timeout, sb);
}

/* The streams of a program end with it, unless another program in the guest holds them, too. */
enum { LINGER_MS = 1000 };

static void ask_to_detach(LsbSandbox *sb)
{
    set_phase(sb, DETACHING);
    lsb_session_detach(sb->session);
}

static gboolean on_lingered(gpointer data)
{
    LsbSandbox *sb = data;
    sb->saving->timer = 0;
    ask_to_detach(sb);
    return G_SOURCE_REMOVE;
}

static void linger(LsbSandbox *sb)
{
    set_phase(sb, LINGERING);
    sb->saving->timer = g_timeout_add(LINGER_MS, on_lingered, sb);
    lsb_saving_program_gone(sb);
}

void lsb_saving_program_gone(LsbSandbox *sb)
{
    if (sb->saving && sb->saving->phase == LINGERING && lsb_session_is_empty(sb->session))
        ask_to_detach(sb);
}

gboolean lsb_sandbox_save_begin(LsbSandbox *sb, const char *path, GError **error)
{
    struct stat st;
    if (!check_state(sb, error) || !check_kind(sb, error))
        return FALSE;
    if (path && lstat(path, &st) == 0) {
        lsb_set_errno(error, EEXIST, "cannot save the sandbox as %s", path);
        return FALSE;
    }
    virDomainPtr domain = lsb_sandbox_running_domain(sb, error);
    if (!domain)
        return FALSE;
    lsb_saving_free(sb->saving);
    sb->saving = g_new0(LsbSaving, 1);
    sb->saving->domain = domain;
    sb->saving->keeper = sb->domain.connection->host->keeper;
    sb->saving->path = path ? g_canonicalize_filename(path, NULL) : NULL;
    sb->saving->recipe = lsb_saved_recipe(sb->d);
    linger(sb);
    return TRUE;
}

LsbSavedMachine *lsb_sandbox_save_result(LsbSandbox *sb, GError **error)
{
    LsbSaving *s = g_steal_pointer(&sb->saving);
    LsbSavedMachine *saved = s ? g_steal_pointer(&s->saved) : NULL;
    if (!saved && s && s->error)
        g_propagate_error(error, g_steal_pointer(&s->error));
    else if (!saved)
        lsb_fail(error, STOPPED, "the sandbox was ended while it was saved");
    lsb_saving_free(s);
    return saved;
}

/* --- the host's part, in a thread --- */

typedef struct {
    LsbSandbox *sb; /* two references: on_runs() drops one, on_written() the other */
    gboolean taken;
} Writer;

static gboolean on_written(gpointer data)
{
    LsbSandbox *sb = data;
    if (!lsb_sandbox_is_own(sb)) /* a forked child has the source, but not the thread */
        return G_SOURCE_REMOVE;
    g_thread_join(g_steal_pointer(&sb->saving->writer));
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

static gboolean on_runs(gpointer data)
{
    LsbSandbox *sb = data;
    if (lsb_sandbox_is_up(sb) && sb->saving->phase == TAKING) {
        set_phase(sb, ATTACHING);
        lsb_sandbox_send_plan(sb);
    }
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

static void on_memory_taken(gpointer data)
{
    Writer *w = data;
    w->taken = TRUE;
    g_mutex_unlock(&w->sb->domain.freezing);
    g_idle_add_full(G_PRIORITY_HIGH, on_runs, w->sb, NULL);
}

/* Holds domain.freezing while the machine stands still, so that the end of the sandbox waits. */
static gboolean take_machine(gpointer self, const char *dir, int memory, int state, GError **error)
{
    Writer *w = self;
    g_mutex_lock(&w->sb->domain.freezing);
    if (g_atomic_int_get(&w->sb->end.wanted)) {
        on_memory_taken(w);
        return lsb_fail(error, STOPPED, "the sandbox was ended while it was saved");
    }
    return lsb_machine_take(w->sb->saving->domain, w->sb->d->memory, dir, memory, state,
                            on_memory_taken, w, error);
}

static gpointer write_down(gpointer data)
{
    Writer w = {data, FALSE};
    LsbSaving *s = w.sb->saving;
    g_autofree char *place = s->path ? g_strdup(s->path) : lsb_path_scratch(w.sb->d->uuid);
    s->saved = lsb_saved_machine_make(place, !s->path, s->keeper, s->recipe,
                                      w.sb->domain.start.needs, take_machine, &w, &s->error);
    if (!w.taken) /* it failed before the machine was stopped */
        g_idle_add_full(G_PRIORITY_HIGH, on_runs, w.sb, NULL);
    g_idle_add_full(G_PRIORITY_HIGH, on_written, w.sb, NULL);
    return NULL;
}

/* --- what the guest says --- */

static void refuse_saving(LsbSandbox *sb, const char *what)
{
    if (lsb_session_has_service(sb->session))
        what = "a watcher is open, or an operation on files under way";
    lsb_fail(&sb->saving->error, STATE, "the sandbox cannot be saved now: %s", what);
    set_phase(sb, ATTACHED);
}

void lsb_saving_detached(LsbSandbox *sb, guint errnum, const char *what)
{
    if (errnum == EBUSY) {
        refuse_saving(sb, what);
    } else if (errnum) {
        g_autoptr(GError) error =
            g_error_new(LSB_ERROR, LSB_ERROR_STOPPED,
                        "the sandbox was to be saved, and has lost its mounts: %s: %s", what,
                        g_strerror((int)errnum));
        lsb_sandbox_end(sb, error);
    } else {
        set_phase(sb, TAKING);
        lsb_sandbox_ref(lsb_sandbox_ref(sb));
        sb->saving->writer = lsb_thread_new("lsandbox-save", write_down, sb);
    }
}

gboolean lsb_saving_ready(LsbSandbox *sb)
{
    if (!sb->saving || sb->saving->phase != ATTACHING)
        return FALSE;
    set_phase(sb, ATTACHED);
    return TRUE;
}

void lsb_saving_failed(LsbSandbox *sb, const char *what)
{
    g_autoptr(GError) error = g_error_new(LSB_ERROR, LSB_ERROR_STOPPED,
                                          "the sandbox was saved, and could not go on: %s", what);
    lsb_sandbox_end(sb, error);
}

/*
 * Once the files are being written, the end of the sandbox is no error of the saving, because they
 * may still become complete.
 */
void lsb_saving_sandbox_ended(LsbSandbox *sb, const GError *reason)
{
    if (!sb->saving || sb->saving->phase == ATTACHED)
        return;
    if (sb->saving->phase <= DETACHING && reason)
        sb->saving->error = g_error_copy(reason);
    set_phase(sb, ATTACHED);
}
