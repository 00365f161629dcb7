/* Making a template of a machine that starts, before it gets its plan. */
#include "sandbox/templating.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "domain/domain.h"
#include "domain/machinetemplate.h"
#include "sandbox/ending.h"
#include "sandbox/guest.h"
#include "sandbox/sandbox_private.h"

/* The machine runs on while a thread publishes the template: hashes its files, and syncs them. */
enum { LONGEST_PUBLISHING_S = 15 };

static GMutex lock;
static GCond published;
static int publishing;  /* how many threads are; under LOCK */
static pid_t publisher; /* the process of these threads; a forked child has none of them */
static GError *failure; /* the last one; under LOCK */

/*
 * Called at exit, because the end of a process ends its threads: one that runs only for a moment
 * would never leave a template.
 */
static void await_publishing(void)
{
    gint64 end = g_get_monotonic_time() + LONGEST_PUBLISHING_S * G_USEC_PER_SEC;
    if (publisher != getpid())
        return;
    g_mutex_lock(&lock);
    while (publishing > 0 && g_cond_wait_until(&published, &lock, end))
        ;
    g_mutex_unlock(&lock);
}

gboolean lsb_templates_await(GError **error)
{
    await_publishing();
    g_mutex_lock(&lock);
    GError *last = g_steal_pointer(&failure);
    g_mutex_unlock(&lock);
    if (last)
        g_propagate_error(error, last);
    return last == NULL;
}

static void note_template_failure(GError *error)
{
    g_debug("no template: %s", error->message);
    g_mutex_lock(&lock);
    g_clear_error(&failure);
    failure = error;
    g_mutex_unlock(&lock);
}

static void count_publishing(int change)
{
    g_mutex_lock(&lock);
    if (publisher != getpid() && change > 0) {
        publisher = getpid();
        publishing = 0;
        atexit(await_publishing);
    }
    publishing += change;
    g_cond_signal(&published);
    g_mutex_unlock(&lock);
}

/* Back on the main context: the machine runs on, whether its memory was taken or not. */
static gboolean on_machine_taken(gpointer data)
{
    LsbSandbox *sb = data;
    g_thread_unref(g_steal_pointer(&sb->start.thread)); /* not joined: it goes on publishing */
    if (sb->state == LSB_STARTING)
        lsb_sandbox_send_plan(sb);
    else
        lsb_sandbox_end_domain(sb);
    lsb_sandbox_unref(sb);
    return G_SOURCE_REMOVE;
}

/* In the start's thread, which does not touch the sandbox afterwards. */
static void on_template_taken(gpointer data)
{
    LsbSandbox *sb = data;
    if (g_atomic_int_get(&sb->end.wanted))
        lsb_domain_end(&sb->domain);
    g_idle_add_full(G_PRIORITY_HIGH, on_machine_taken, sb, NULL);
}

static gpointer make_template(gpointer data)
{
    LsbSandbox *sb = data;
    GError *error = NULL;
    if (!lsb_machine_make_template(&sb->domain, on_template_taken, sb, &error))
        note_template_failure(error);
    count_publishing(-1);
    return NULL;
}

void lsb_sandbox_make_template(LsbSandbox *sb)
{
    count_publishing(1);
    sb->start.thread = lsb_thread_new("lsandbox-tmpl", make_template, lsb_sandbox_ref(sb));
}
