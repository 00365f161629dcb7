/* The object of a sandbox, and what can be asked about one. */
#include "sandbox/sandbox.h"

#include "base/ownprocess.h"
#include "base/timeline.h"
#include "domain/container.h"
#include "domain/domain.h"
#include "domain/machine.h"
#include "domain/template/savedmachine.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/metadata.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "sandbox/attach.h"
#include "sandbox/ending.h"
#include "sandbox/guest.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/saving.h"
#include "sandbox/states.h"
#include "session/profile.h"
#include "session/session.h"

/*
 * The end of the console as printable lines, because the guest wrote it. While a start's thread is
 * at work, the domain is that thread's, and is not looked at, here and below.
 */
char *lsb_sandbox_log(const LsbSandbox *sb)
{
    if (lsb_sandbox_is_stopped((gpointer)sb))
        return g_strdup(sb->end.log ? sb->end.log : "");
    if (sb->start.thread)
        return g_strdup("");
    gsize len;
    const LsbDomainGuest *guest = &sb->domain.guest;
    g_autoptr(GBytes) tail = lsb_console_tail(guest->console, guest->console_path);
    const char *data = g_bytes_get_data(tail, &len);
    GString *out = g_string_new(NULL);
    for (gsize i = 0; i < len; i++)
        if (g_ascii_isprint(data[i]) || data[i] == '\n')
            g_string_append_c(out, data[i]);
    return g_strstrip(g_string_free(out, FALSE));
}

/* --- events --- */

void lsb_sandbox_set_listener(LsbSandbox *sb, LsbSandboxListener listener, gpointer data)
{
    sb->listener.function = listener;
    sb->listener.data = data;
}

void lsb_sandbox_emit(LsbSandbox *sb, const LsbSandboxEvent *event)
{
    if (sb->listener.function)
        sb->listener.function(sb->listener.data, event);
}

/* --- the object --- */

LsbSandbox *lsb_sandbox_new(LsbDescription *d)
{
    LsbSandbox *sb = g_new0(LsbSandbox, 1);
    sb->refs = 1;
    sb->owner = lsb_process_owner();
    sb->d = d;
    sb->taint.bits = lsb_domain_taint(d);
    lsb_domain_init(&sb->domain);
    sb->session = lsb_session_new(lsb_profile_new(d), &lsb_sandbox_session_events, sb);
    return sb;
}

void lsb_sandbox_set_origin(LsbSandbox *sb, LsbSavedMachine *origin)
{
    sb->domain.start.origin = lsb_saved_machine_ref(origin);
}

LsbSandbox *lsb_sandbox_ref(LsbSandbox *sb)
{
    sb->refs++;
    return sb;
}

gboolean lsb_sandbox_is_own(const LsbSandbox *sb)
{
    return lsb_process_is(sb->owner);
}

/*
 * A start, an end and a saving hold references of their own while they are under way. A forked
 * child frees nothing of its parent's, whose threads may have been at work on it at the fork.
 */
void lsb_sandbox_unref(LsbSandbox *sb)
{
    if (!sb || --sb->refs > 0 || !lsb_sandbox_is_own(sb))
        return;
    lsb_session_disown(sb->session);
    lsb_session_unref(sb->session);
    g_clear_error(&sb->end.reason);
    g_clear_error(&sb->start.error);
    lsb_saving_free(sb->saving);
    lsb_domain_clear(&sb->domain);
    g_free(sb->end.log);
    g_free(sb->start.given_up);
    lsb_description_free(sb->d);
    g_free(sb);
}

void lsb_sandbox_abandon(LsbSandbox *sb)
{
    if (!sb || !lsb_sandbox_is_own(sb))
        return;
    lsb_sandbox_set_listener(sb, NULL, NULL);
    if (sb->attached.yes)
        lsb_sandbox_detach(sb);
    else
        lsb_sandbox_destroy_begin(sb);
    lsb_sandbox_unref(sb);
}

gboolean lsb_sandbox_is_attached(const LsbSandbox *sb)
{
    return sb->attached.yes;
}

LsbSession *lsb_sandbox_session(const LsbSandbox *sb)
{
    return sb->session;
}

const LsbDescription *lsb_sandbox_description(const LsbSandbox *sb)
{
    return sb->d;
}

LsbTimes lsb_sandbox_times(const LsbSandbox *sb)
{
    LsbTimeline *t = sb->domain.timeline;
    return (LsbTimes){.domain = (double)lsb_timeline_reached(t, LSB_REACHED_DOMAIN) / 1000,
                      .hello = (double)lsb_timeline_reached(t, LSB_REACHED_HELLO) / 1000,
                      .ready = (double)lsb_timeline_reached(t, LSB_REACHED_READY) / 1000};
}

LsbTimeline *lsb_sandbox_timeline(const LsbSandbox *sb)
{
    return sb->domain.timeline;
}

const char *lsb_sandbox_kernel(const LsbSandbox *sb)
{
    return lsb_session_kernel(sb->session);
}

const char *lsb_sandbox_accel(const LsbSandbox *sb)
{
    if (sb->d->kind != LSB_MACHINE || sb->start.thread || sb->domain.start.accel == LSB_ACCEL_AUTO)
        return NULL;
    return sb->domain.start.accel == LSB_ACCEL_KVM ? "kvm" : "tcg";
}

const char *lsb_sandbox_start_way(const LsbSandbox *sb, const char **reason)
{
    gboolean known = !sb->start.thread && sb->state >= LSB_RUNNING;
    if (reason)
        *reason = known ? sb->domain.start.template_use.reason : NULL;
    if (!known)
        return NULL;
    if (sb->domain.start.origin)
        return lsb_saved_machine_is_fork(sb->domain.start.origin) ? "fork" : "saved";
    return sb->domain.start.resumed ? "template" : "cold";
}

const char *lsb_sandbox_template_key(const LsbSandbox *sb)
{
    return sb->start.thread ? NULL : sb->domain.start.template_use.key;
}

const char *lsb_sandbox_display(const LsbSandbox *sb)
{
    return lsb_sandbox_is_up(sb) ? sb->domain.guest.display : NULL;
}

char *lsb_sandbox_xml(const LsbSandbox *sb, GError **error)
{
    if (sb->domain.xml && !sb->start.thread)
        return g_strdup(sb->domain.xml);
    return sb->d->kind == LSB_MACHINE ? lsb_machine_xml(sb->d, error)
                                      : lsb_container_xml(sb->d, error);
}

const GError *lsb_sandbox_reason(const LsbSandbox *sb)
{
    return sb->end.reason;
}

guint lsb_sandbox_taint(const LsbSandbox *sb)
{
    return sb->taint.bits;
}

char *lsb_taint_text(guint taint)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; lsb_taint_names[i]; i++)
        if (taint & 1u << i)
            g_string_append_printf(out, "%s%s", out->len ? ", " : "", lsb_taint_names[i]);
    return g_string_free(out, FALSE);
}

void lsb_sandbox_add_taint(LsbSandbox *sb, guint taint)
{
    if ((sb->taint.bits | taint) == sb->taint.told)
        return;
    sb->taint.bits |= taint;
    sb->taint.told = sb->taint.bits;
    g_autofree char *names = lsb_taint_text(sb->taint.bits);
    g_autofree char *message =
        g_strdup_printf("tainted by %s: what QEMU does then is not what the recipe says", names);
    lsb_sandbox_emit(sb, &(LsbSandboxEvent){.kind = LSB_EVENT_TAINTED, .message = message});
}
