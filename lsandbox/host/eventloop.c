/* libvirt's event loop, on a GLib main context and a thread of its own. */
#include "host/eventloop.h"

#include <glib-unix.h>
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/ownprocess.h"

/* A descriptor or a timer of libvirt's; virEventRegisterImpl() says what libvirt expects. */
typedef struct {
    int id;
    gboolean is_timer, removed;
    int fd, events;  /* of a descriptor; bits of virEventHandleType */
    int interval;    /* of a timer, in ms; negative: off */
    GSource *source; /* NULL: libvirt asks for no events now */
    virEventHandleCallback on_handle;
    virEventTimeoutCallback on_timeout;
    void *opaque;
    virFreeCallback free_opaque;
} Watch;

static GMutex lock; /* guards all below; never held while libvirt is called */
static GMainContext *context;
static GMainLoop *loop;
static GThread *thread;
static GHashTable *watches; /* id -> Watch */
static int last_id, owner;

/* --- dispatching --- */

static const struct {
    int vir;
    GIOCondition glib;
} conditions[] = {{VIR_EVENT_HANDLE_READABLE, G_IO_IN},
                  {VIR_EVENT_HANDLE_WRITABLE, G_IO_OUT},
                  {VIR_EVENT_HANDLE_ERROR, G_IO_ERR},
                  {VIR_EVENT_HANDLE_HANGUP, G_IO_HUP}};

static GIOCondition to_glib(int events)
{
    GIOCondition c = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++)
        c |= events & conditions[i].vir ? conditions[i].glib : 0;
    return c;
}

static int to_vir(GIOCondition c)
{
    int events = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++)
        events |= c & conditions[i].glib ? conditions[i].vir : 0;
    return events;
}

/* W is valid here, because only this thread frees a watch, in a later round of the loop. */
static gboolean is_removed(const Watch *w)
{
    g_mutex_lock(&lock);
    gboolean removed = w->removed;
    g_mutex_unlock(&lock);
    return removed;
}

static gboolean on_fd(gint fd, GIOCondition condition, gpointer data)
{
    Watch *w = data;
    if (!is_removed(w))
        w->on_handle(w->id, fd, to_vir(condition), w->opaque);
    return G_SOURCE_CONTINUE; /* where libvirt has changed W, arm() has destroyed this source */
}

static gboolean on_timer(gpointer data)
{
    Watch *w = data;
    if (!is_removed(w))
        w->on_timeout(w->id, w->opaque);
    return G_SOURCE_CONTINUE;
}

/* Watch for what W asks for now. The caller holds the lock. */
static void arm(Watch *w)
{
    if (w->source) {
        g_source_destroy(w->source);
        g_clear_pointer(&w->source, g_source_unref);
    }
    if (w->is_timer ? w->interval < 0 : !w->events)
        return;
    if (w->is_timer) {
        w->source = g_timeout_source_new((guint)w->interval);
        g_source_set_callback(w->source, on_timer, w, NULL);
    } else {
        w->source = g_unix_fd_source_new(w->fd, to_glib(w->events));
        g_source_set_callback(w->source, G_SOURCE_FUNC(on_fd), w, NULL);
    }
    g_source_attach(w->source, context);
}

/* --- what libvirt calls, from any thread --- */

static int add_watch(Watch *w)
{
    g_mutex_lock(&lock);
    w->id = ++last_id;
    g_hash_table_insert(watches, GINT_TO_POINTER(w->id), w);
    arm(w);
    int id = w->id;
    g_mutex_unlock(&lock);
    return id;
}

static int add_handle(int fd, int events, virEventHandleCallback callback, void *opaque,
                      virFreeCallback free_opaque)
{
    Watch *w = g_new0(Watch, 1);
    *w = (Watch){.fd = fd,
                 .events = events,
                 .on_handle = callback,
                 .opaque = opaque,
                 .free_opaque = free_opaque};
    lsb_process_hold(fd); /* else a forked child that lives on would keep libvirtd's connection */
    return add_watch(w);
}

static int add_timeout(int interval, virEventTimeoutCallback callback, void *opaque,
                       virFreeCallback free_opaque)
{
    Watch *w = g_new0(Watch, 1);
    *w = (Watch){.is_timer = TRUE,
                 .interval = interval,
                 .on_timeout = callback,
                 .opaque = opaque,
                 .free_opaque = free_opaque};
    return add_watch(w);
}

static void update(int id, int value)
{
    g_mutex_lock(&lock);
    Watch *w = g_hash_table_lookup(watches, GINT_TO_POINTER(id));
    if (w) {
        *(w->is_timer ? &w->interval : &w->events) = value;
        arm(w);
    }
    g_mutex_unlock(&lock);
}

/*
 * Free a removed watch in a later round of the loop, because libvirt may hold locks while it
 * removes one, which FREE_OPAQUE takes.
 */
static gboolean free_watch(gpointer data)
{
    Watch *w = data;
    if (w->free_opaque)
        w->free_opaque(w->opaque);
    g_free(w);
    return G_SOURCE_REMOVE;
}

static int remove_watch(int id)
{
    g_mutex_lock(&lock);
    Watch *w = g_hash_table_lookup(watches, GINT_TO_POINTER(id));
    if (w) {
        if (!w->is_timer)
            lsb_process_forget(w->fd);
        w->removed = TRUE;
        w->interval = -1;
        w->events = 0;
        arm(w);
        g_hash_table_remove(watches, GINT_TO_POINTER(id));
        g_autoptr(GSource) later = g_idle_source_new();
        g_source_set_callback(later, free_watch, w, NULL);
        g_source_attach(later, context);
    }
    g_mutex_unlock(&lock);
    return w ? 0 : -1;
}

/* --- the thread --- */

static gpointer run_loop(gpointer data)
{
    (void)data;
    g_main_loop_run(loop);
    return NULL;
}

static gboolean quit(gpointer data)
{
    (void)data;
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

/* At exit, end the thread, because no callback may run while the libraries' destructors do. */
static void stop(void)
{
    if (!thread || owner != getpid())
        return;
    g_main_context_invoke(context, quit, NULL);
    g_thread_join(g_steal_pointer(&thread));
}

/* In a forked child, too: the parent's loop belongs to a thread that the child does not have. */
static void start_thread(void)
{
    owner = getpid();
    g_mutex_init(&lock);
    context = g_main_context_new();
    loop = g_main_loop_new(context, FALSE);
    watches = g_hash_table_new(NULL, NULL);
    thread = lsb_thread_new("lsandbox-libvirt", run_loop, NULL);
}

void lsb_event_loop_start(void)
{
    if (owner == getpid())
        return;
    gboolean first = owner == 0;
    start_thread();
    if (!first)
        return;
    virEventRegisterImpl(add_handle, update, remove_watch, add_timeout, update, remove_watch);
    atexit(stop);
}

void lsb_event_loop_attach(GSource *source)
{
    g_source_attach(source, context);
}
