/* Attaching to a sandbox that another process may have started; libvirt's events of sandboxes. */
#include "sandbox/attach.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/domain.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/states.h"
#include "session/session.h"

/*
 * Of LsbSandbox.attached.link: those that hear events, which are the attached ones and this
 * process's own machines, until they have ended. Main context only.
 */
static GQueue listeners;

void lsb_sandbox_ignore_events(LsbSandbox *sb)
{
    if (!sb->attached.link.data)
        return;
    g_queue_unlink(&listeners, &sb->attached.link);
    sb->attached.link.data = NULL;
}

void lsb_sandbox_hear_events(LsbSandbox *sb)
{
    if (sb->attached.link.data)
        return;
    sb->attached.link.data = sb;
    g_queue_push_tail_link(&listeners, &sb->attached.link);
}

void lsb_sandbox_catch_up(LsbSandbox *sb)
{
    if (!sb->attached.yes && sb->d->kind == LSB_MACHINE)
        lsb_session_freshen(sb->session);
}

/* The relay tells of the end of an own machine. */
static void take_domain_event(LsbSandbox *sb, int event)
{
    if (!sb->attached.yes && event == VIR_DOMAIN_EVENT_RESUMED)
        lsb_sandbox_catch_up(sb);
    if (!sb->attached.yes)
        return;
    if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED)
        lsb_sandbox_end(sb, NULL);
    else if (event == VIR_DOMAIN_EVENT_SUSPENDED || event == VIR_DOMAIN_EVENT_RESUMED)
        lsb_sandbox_set_paused(sb, event == VIR_DOMAIN_EVENT_SUSPENDED);
}

/* An event on its way from libvirt's thread (host/eventloop.h) to the main context. */
typedef struct {
    virConnectPtr vir; /* only to be compared */
    char *uuid;        /* of the domain; NULL: the connection is lost */
    int event;
} Note;

static void note_free(gpointer data)
{
    Note *note = data;
    g_free(note->uuid);
    g_free(note);
}

static void lose_connection(LsbSandbox *sb)
{
    g_autoptr(GError) error = g_error_new(LSB_ERROR, LSB_ERROR_LIBVIRT,
                                          "the connection to %s was lost; sandbox %s may live on",
                                          sb->d->uri, sb->d->name);
    lsb_sandbox_end(sb, error);
}

static gboolean take_note(gpointer data)
{
    const Note *note = data;
    for (GList *l = listeners.head, *next; l; l = next) {
        LsbSandbox *sb = l->data;
        next = l->next;
        const LsbConnection *c = sb->domain.connection;
        if (!lsb_sandbox_is_up(sb) || !c || c->vir != note->vir)
            continue;
        if (note->uuid && strcmp(sb->d->uuid, note->uuid) == 0)
            take_domain_event(sb, note->event);
        else if (!note->uuid && sb->attached.yes)
            lose_connection(sb);
    }
    return G_SOURCE_REMOVE;
}

static void note_for_main(virConnectPtr vir, char *uuid, int event)
{
    Note *note = g_new0(Note, 1);
    *note = (Note){vir, uuid, event};
    g_idle_add_full(G_PRIORITY_DEFAULT, take_note, note, note_free);
}

static int on_lifecycle(virConnectPtr vir, virDomainPtr domain, int event, int detail, void *data)
{
    (void)detail;
    (void)data;
    note_for_main(vir, lsb_domain_uuid(domain), event);
    return 0;
}

static void on_lost(virConnectPtr vir, int reason, void *data)
{
    (void)reason;
    (void)data;
    note_for_main(vir, NULL, 0);
}

void lsb_sandbox_listen(LsbSandbox *sb)
{
    if (sb->domain.connection) /* a unit test's sandbox has none */
        lsb_connection_listen(sb->domain.connection, on_lifecycle, on_lost);
}

static gboolean find_domain(LsbSandbox *sb, GError **error)
{
    LsbDomain *domain = &sb->domain;
    domain->connection = lsb_connection_get(sb->d->uri, error);
    if (!domain->connection)
        return FALSE;
    lsb_sandbox_listen(sb);
    domain->domain = virDomainLookupByName(domain->connection->vir, sb->d->name);
    GPtrArray *labels = domain->domain ? lsb_domain_labels(domain->domain, &sb->taint.bits) : NULL;
    if (!labels)
        return lsb_fail(error, NOT_FOUND, "no sandbox of lsandbox named %s runs on %s", sb->d->name,
                        sb->d->uri);
    sb->d->labels = labels;
    sb->taint.told = sb->taint.bits;
    domain->xml = lsb_domain_live_xml(domain->domain);
    g_free(sb->d->uuid);
    sb->d->uuid = lsb_domain_uuid(domain->domain);
    return TRUE;
}

void lsb_sandbox_detach(LsbSandbox *sb)
{
    if (lsb_sandbox_is_stopped(sb))
        return;
    lsb_sandbox_set_state(sb, LSB_ENDED);
    lsb_sandbox_ignore_events(sb);
    lsb_domain_let_go(&sb->domain);
}

static void attached_free(gpointer data)
{
    LsbSandbox *sb = data;
    lsb_sandbox_detach(sb);
    lsb_sandbox_unref(sb);
}

static gpointer find_and_attach(gpointer data, GError **error)
{
    LsbSandbox *sb = data;
    if (find_domain(sb, error))
        return sb;
    attached_free(sb);
    return NULL;
}

LsbJob *lsb_sandbox_attach(LsbDescription *d)
{
    LsbSandbox *sb = lsb_sandbox_new(d);
    lsb_connection_init();
    sb->attached.yes = TRUE;
    lsb_sandbox_set_state(sb, LSB_RUNNING);
    return lsb_job_new(find_and_attach, sb, NULL, attached_free);
}

/*
 * Asks libvirt for the state, because events that came before the sandbox was in the queue of the
 * attached ones were dropped.
 */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error)
{
    LsbSandbox *sb = lsb_job_take(job, error);
    if (!sb)
        return NULL;
    lsb_sandbox_hear_events(sb);
    lsb_sandbox_set_paused(sb, lsb_domain_is_paused(sb->domain.domain));
    if (virDomainIsActive(sb->domain.domain) != 1)
        lsb_sandbox_end(sb, NULL);
    return sb;
}
