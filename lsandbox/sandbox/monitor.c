/* Commands that the user gives QEMU's monitor directly: sb:qemu_monitor(). */
#include "sandbox/monitor.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/xml/metadata.h"
#include "host/connection.h"
#include "recipe/driver.h"
#include "sandbox/control.h"
#include "sandbox/sandbox_private.h"
#include "shared/units.h"

/* libvirt itself takes no more than 10 MiB of one reply (QEMU_MONITOR_MAX_RESPONSE). */
enum { MOST_REPLY = 16 * MiB };

typedef struct {
    virDomainPtr domain;
    char *command, *metadata;
    gboolean hmp;
} Question;

static void question_free(gpointer data)
{
    Question *q = data;
    virDomainFree(q->domain);
    g_free(q->command);
    g_free(q->metadata);
    g_free(q);
}

static gpointer ask_qemu(gpointer data, GError **error)
{
    const Question *q = data;
    char *reply = NULL;
    /*
     * Other processes read the taint from the metadata. It is set before the command, because the
     * command may end the domain.
     */
    virDomainSetMetadata(q->domain, VIR_DOMAIN_METADATA_ELEMENT, q->metadata, LSB_METADATA_PREFIX,
                         LSB_METADATA_URI, VIR_DOMAIN_AFFECT_LIVE);
    if (virDomainQemuMonitorCommand(q->domain, q->command, &reply,
                                    q->hmp ? VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP : 0) < 0) {
        lsb_set_libvirt_error(error, LSB_ERROR_LIBVIRT, "QEMU's monitor refuses the command");
        return NULL;
    }
    gsize len = reply ? strlen(reply) : 0;
    char *copy = len <= MOST_REPLY ? g_strdup(reply ? reply : "") : NULL;
    free(reply);
    if (!copy)
        lsb_fail(error, OUTPUT_LIMIT, "QEMU's monitor answers with more than 16M");
    return copy;
}

LsbJob *lsb_sandbox_monitor(LsbSandbox *sb, const char *command, gboolean hmp, GError **error)
{
    if (sb->d->kind != LSB_MACHINE) {
        lsb_fail(error, UNSUPPORTED, "qemu_monitor: sandbox %s is a container, which has no QEMU",
                 sb->d->name);
        return NULL;
    }
    virDomainPtr domain = lsb_sandbox_running_domain(sb, error);
    if (!domain)
        return NULL;
    lsb_sandbox_add_taint(sb, LSB_TAINT_MONITOR);
    Question *q = g_new0(Question, 1);
    *q = (Question){.domain = domain,
                    .command = g_strdup(command),
                    .metadata = lsb_metadata_text(sb->d->labels, sb->taint.bits),
                    .hmp = hmp};
    return lsb_job_new(ask_qemu, q, question_free, g_free);
}
