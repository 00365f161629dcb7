/* Ending a domain: its processes first, then libvirt's record of it, then its files. */
#include "domain/domain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/paths.h"
#include "base/timeline.h"
#include "domain/console.h"
#include "domain/scratch.h"
#include "domain/template/savedmachine.h"
#include "domain/template/template.h"
#include "domain/xml/metadata.h"
#include "host/cgroup.h"
#include "host/connection.h"
#include "host/keeper.h"
#include "host/loop.h"
#include "host/lxcprocess.h"
#include "host/reaper.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "shared/lxcfiles.h"

enum {
    /* A killed process is gone in milliseconds. One that hangs in the kernel is left to libvirt. */
    GONE_TIMEOUT_MS = 5000,
    /*
     * A guest init that has lost its host kills, syncs, unmounts and powers off: that takes 0.1 s,
     * and the time of the writing. A hostile guest gets no longer than this.
     */
    UNMOUNT_TIMEOUT_MS = 5000,
    LOOK_AGAIN_US = 20 * 1000,
};

static void await_exit(int pidfd, int timeout_ms)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    while (poll(&p, 1, timeout_ms) < 0 && errno == EINTR)
        ;
}

/*
 * Kill QEMU here, so that libvirt finds it gone: virDomainDestroy() sends SIGTERM first and then
 * polls in steps of 200 ms. What the program wrote has reached the host's files already.
 */
static void kill_process(int pid)
{
    cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return;
    syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
    await_exit(fd, GONE_TIMEOUT_MS);
}

static gboolean is_active(virDomainPtr domain)
{
    int state = 0;
    return virDomainGetState(domain, &state, NULL, 0) == 0 && state != VIR_DOMAIN_SHUTOFF;
}

/*
 * What a program wrote to an image may still be in the machine's memory. The relay is closed, so
 * the guest init unmounts the images and powers off; wait for that. A paused machine cannot do it.
 */
static void await_unmount(LsbDomain *domain)
{
    if (!domain->process.writes_images || !domain->domain || lsb_domain_is_paused(domain->domain))
        return;
    int pid = domain->process.pid;
    cleanup_fd int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    gint64 end = g_get_monotonic_time() + UNMOUNT_TIMEOUT_MS * (gint64)1000;
    if (pid > 0 && fd >= 0)
        await_exit(fd, UNMOUNT_TIMEOUT_MS);
    while (domain->process.pid <= 0 && is_active(domain->domain) && g_get_monotonic_time() < end)
        g_usleep(LOOK_AGAIN_US);
}

void lsb_domain_init(LsbDomain *domain)
{
    memset(domain, 0, sizeof *domain);
    domain->guest.relay = domain->process.controller = -1;
    domain->files.locks = g_array_new(FALSE, FALSE, sizeof(int));
    domain->timeline = lsb_timeline_new();
    g_mutex_init(&domain->freezing);
}

void lsb_domain_clear(LsbDomain *domain)
{
    g_free(domain->xml);
    g_free(domain->guest.display);
    g_mutex_clear(&domain->freezing);
    g_array_unref(domain->files.locks);
    lsb_template_clear(&domain->start.template_use);
    lsb_saved_machine_unref(domain->start.origin);
    g_strfreev(domain->start.needs);
    lsb_timeline_free(domain->timeline);
}

/* The timeline stays, because the main context adds to it at the same time. */
void lsb_domain_reset(LsbDomain *domain)
{
    g_clear_pointer(&domain->xml, g_free);
    g_clear_pointer(&domain->guest.display, g_free);
    domain->process.writes_images = domain->start.resumed = FALSE;
    domain->start.accel = LSB_ACCEL_AUTO;
}

void lsb_domain_let_go(LsbDomain *domain)
{
    if (domain->domain)
        virDomainFree(domain->domain);
    domain->domain = NULL;
    lsb_connection_release(domain->connection);
    domain->connection = NULL;
}

GPtrArray *lsb_domain_labels(virDomainPtr domain, guint *taint)
{
    char *mark = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, LSB_METADATA_URI, 0);
    GPtrArray *labels = mark ? lsb_metadata_read(mark, taint) : NULL;
    free(mark);
    return labels;
}

char *lsb_domain_uuid(virDomainPtr domain)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    virDomainGetUUIDString(domain, uuid);
    return g_strdup(uuid);
}

char *lsb_domain_live_xml(virDomainPtr domain)
{
    char *xml = virDomainGetXMLDesc(domain, 0), *copy = g_strdup(xml ? xml : "");
    free(xml);
    return copy;
}

gboolean lsb_domain_is_paused(virDomainPtr domain)
{
    int state = 0;
    return virDomainGetState(domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_PAUSED;
}

/*
 * Resume a paused container, because processes in a frozen control group do not die: libvirt would
 * try for 6 s. Ask libvirt for the state, because another process may have paused the container.
 * Taking the mutex also waits for our own pause or resume. QEMU dies although it is paused.
 */
static void thaw(LsbDomain *domain)
{
    if (!domain->domain || lsb_drivers[domain->connection->driver].kind != LSB_CONTAINER)
        return;
    g_mutex_lock(&domain->freezing);
    if (lsb_domain_is_paused(domain->domain))
        virDomainResume(domain->domain);
    g_mutex_unlock(&domain->freezing);
}

void lsb_domain_hang_up_soon(LsbDomain *domain)
{
    lsb_lxc_process_stop(domain->process.controller);
}

static void remove_link(LsbDomain *domain)
{
    if (!domain->files.link)
        return;
    remove(domain->files.link);
    lsb_keeper_forget_path(domain->connection->host->keeper, domain->files.link);
    g_clear_pointer(&domain->files.link, g_free);
}

static void release_locks(LsbDomain *domain)
{
    for (guint i = 0; i < domain->files.locks->len; i++)
        close(g_array_index(domain->files.locks, int, i));
    g_array_set_size(domain->files.locks, 0);
}

/* Where libvirt has not ended the container yet, the keeper removes them when this process ends. */
static void remove_container_files(LsbDomain *domain)
{
    if (domain->files.container && lxcfiles_remove(domain->files.container))
        lsb_keeper_container(domain->connection->host->keeper, LSB_CONTAINER_ENDED,
                             domain->files.container);
    g_clear_pointer(&domain->files.container, g_free);
}

static void remove_scratch(LsbDomain *domain)
{
    if (!domain->files.scratch)
        return;
    lsb_scratch_remove(domain->files.scratch);
    lsb_keeper_forget_path(domain->connection->host->keeper, domain->files.scratch);
    g_clear_pointer(&domain->files.scratch, g_free);
}

static void remove_log(LsbDomain *domain)
{
    if (!domain->files.log)
        return;
    g_source_destroy(domain->files.log_bound);
    g_clear_pointer(&domain->files.log_bound, g_source_unref);
    remove(domain->files.log);
    g_clear_pointer(&domain->files.log, g_free);
}

/* Once nothing of the sandbox runs. */
static void remove_files(LsbDomain *domain)
{
    remove_container_files(domain);
    remove_log(domain);
    remove_link(domain);
    if (domain->files.dir)
        lsb_path_remove_tree(domain->files.dir);
    g_clear_pointer(&domain->files.dir, g_free);
    remove_scratch(domain);
    release_locks(domain);
}

/* Kill QEMU or libvirt_lxc; with it ends everything that runs in the sandbox. */
static void end_processes(LsbDomain *domain)
{
    await_unmount(domain);
    if (domain->process.controller >= 0)
        lsb_lxc_process_end(domain->process.controller, domain->process.pid);
    else if (domain->process.pid > 0)
        kill_process(domain->process.pid);
    lsb_reaper_end(g_steal_pointer(&domain->process.reaper));
    if (domain->process.controller >= 0)
        close(domain->process.controller);
    domain->process.controller = -1;
    domain->process.pid = 0;
}

/* The keeper goes on watching a control group that could not be removed. */
static void forget_watched_groups(LsbDomain *domain)
{
    for (char **dir = domain->process.watched; dir && *dir; dir++)
        if (access(*dir, F_OK) < 0)
            lsb_keeper_forget_path(domain->connection->host->keeper, *dir);
    g_clear_pointer(&domain->process.watched, g_strfreev);
}

static void end_groups(LsbDomain *domain)
{
    g_mutex_lock(&domain->freezing);
    lsb_groups_end(&domain->process.groups,
                   domain->connection ? domain->connection->host->keeper : NULL);
    g_mutex_unlock(&domain->freezing);
}

static void close_relay(LsbDomain *domain)
{
    if (domain->guest.relay >= 0)
        close(domain->guest.relay);
    domain->guest.relay = -1;
}

void lsb_domain_end(LsbDomain *domain)
{
    lsb_timeline_phase(domain->timeline, LSB_LANE_END, "processes end");
    thaw(domain);
    lsb_lxc_process_stop(domain->process.controller);
    close_relay(domain);
    end_processes(domain);
    lsb_timeline_phase(domain->timeline, LSB_LANE_END, "libvirt forgets it");
    if (domain->domain)
        virDomainDestroy(domain->domain); /* where it fails, the domain does not run any more */
    lsb_timeline_phase(domain->timeline, LSB_LANE_END, "files and groups");
    end_groups(domain);
    forget_watched_groups(domain);
    lsb_loops_free(g_steal_pointer(&domain->files.loops));
    remove_files(domain);
    g_clear_pointer(&domain->guest.plan, g_bytes_unref);
    g_clear_pointer(&domain->guest.console, lsb_console_free);
    g_clear_pointer(&domain->guest.console_path, g_free);
    lsb_domain_let_go(domain);
}
